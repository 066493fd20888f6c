import type { PlainValue } from '../registry/catalog.ts';
import type { Operative } from '../registry/operative.ts';
import { readRecord } from '../run/layouts.ts';
import { runPath } from '../run/paths.ts';

/** The config of a run as it recorded it. */
export interface RunConfig {
	/** Equal hashes train the same; empty where nothing could be read. */
	readonly hash: string;
	/** By `scope/component.parameter`: plain data, a component as the text that names it (`@mlp()`). */
	readonly values: Readonly<Record<string, PlainValue>>;
	/** By the same names: the value as a config spells it, one form for all ways to write it. */
	readonly texts: Readonly<Record<string, string>>;
	/** The whole record with origins; undefined where it could not be read. */
	readonly operative: Operative | undefined;
	/** Why there is nothing here; undefined where all is well. */
	readonly problem: string | undefined;
}

/** The config of a run, from its `operative.json`. Never throws: a run without one has no values and a `problem`. */
export function loadC(run: string): RunConfig {
	const path = runPath(run, 'operative');
	try {
		const operative = readRecord(run, 'operative') as Operative | undefined;
		return operative === undefined
			? nothing(`there is no ${path}`)
			: { ...flat(operative), hash: operative.hash, operative, problem: undefined };
	} catch (error) {
		return nothing(reasonOf(path, error));
	}
}

/** One line on why a file could not be read. */
export function reasonOf(path: string, error: unknown): string {
	const { message } = error as Error;
	return message.includes(path) ? message : `${path} cannot be read: ${message}`;
}

function flat({ components }: Operative): Pick<RunConfig, 'values' | 'texts'> {
	const values = new Map<string, PlainValue>();
	const texts = new Map<string, string>();
	for (const [component, { parameters }] of Object.entries(components)) {
		for (const [name, { value, text }] of Object.entries(parameters)) {
			values.set(`${component}.${name}`, value);
			texts.set(`${component}.${name}`, text);
		}
	}
	return { values: Object.fromEntries(values), texts: Object.fromEntries(texts) };
}

function nothing(problem: string): RunConfig {
	return { hash: '', values: {}, texts: {}, operative: undefined, problem };
}
