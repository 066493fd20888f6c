import { own } from '../core/own.ts';
import type { RunConfig } from './run-config.ts';

/** Names of the config values that are not the same in all of these runs, sorted; runs without a config do not count. */
export function differingKeys(configs: readonly RunConfig[]): string[] {
	const known = configs.filter(({ problem }) => problem === undefined);
	const names = new Set(known.flatMap(({ texts }) => Object.keys(texts)));
	return [...names].filter((name) => new Set(known.map((config) => meant(config, name))).size > 1).sort();
}

// The default of a parameter that is younger than other runs is as good as none.
function meant({ texts, operative }: RunConfig, name: string): string | undefined {
	const dot = name.lastIndexOf('.');
	const component = own(operative?.components ?? {}, name.slice(0, dot));
	const entry = own(component?.parameters ?? {}, name.slice(dot + 1));
	return entry?.added ? undefined : own(texts, name);
}
