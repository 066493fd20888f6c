import { dirname, isAbsolute, resolve } from 'node:path';
import type { Source, StringValue, Value } from '../gin/ast.ts';
import { standsFor } from '../gin/model/meaning.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import type { ValueMeaning } from './lookup.ts';

/** The value of a parameter that takes paths, each in full; the value as it is written where it is no path. */
export function placedPaths(meaning: ValueMeaning): Value {
	const stands = standsFor(meaning);
	if (stands.is === 'sequence') {
		return { ...stands.value, items: stands.items.map(placedPaths) };
	}
	return stands.is === 'plain' ? placed(stands.value) : meaning.value;
}

function placed(value: Value): Value {
	if (value.type !== 'string' || isAbsolute(value.value) || isAddress(value.value)) {
		return value;
	}
	const folder = isFromEnvironment(value) ? process.cwd() : folderOf(value.span?.source);
	return folder === undefined ? value : { ...value, value: resolve(folder, value.value) };
}

// Undefined where a path is left as it is: runs record them in full, and old ones as they were typed.
function folderOf(source: Source | undefined): string | undefined {
	if (source?.kind !== 'file') {
		return process.cwd();
	}
	const folder = dirname(resolve(source.name));
	return runFolderOf(resolve(source.name)) === undefined ? folder : undefined;
}

// A variable is set where the program is started.
function isFromEnvironment({ from, value }: StringValue): boolean {
	return from !== undefined && !(from.fallback?.type === 'string' && from.fallback.value === value);
}

function isAddress(text: string): boolean {
	return /^[a-z][a-z\d+.-]+:\/\//iu.test(text);
}
