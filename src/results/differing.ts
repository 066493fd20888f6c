import type { RunConfig } from './run-config.ts';

/** Names of the config values that are not the same in all of these runs, sorted; runs without a config do not count. */
export function differingKeys(configs: readonly RunConfig[]): string[] {
	const known = configs.filter(({ problem }) => problem === undefined);
	const names = new Set(known.flatMap(({ texts }) => Object.keys(texts)));
	return [...names].filter((name) => new Set(known.map(({ texts }) => texts[name])).size > 1).sort();
}
