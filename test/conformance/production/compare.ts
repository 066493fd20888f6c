import { isDeepStrictEqual } from 'node:util';
import type { Case, Json, RecordedError } from '../case.ts';
import { type Failure, isSameRefusal } from './errors.ts';
import type { Outcome, Ran } from './run-case.ts';

/** One part of a case in which production differs from gin. */
export interface Difference {
	/** `calls[0]`, `config_str`, `config` … */
	readonly part: string;
	readonly text: string;
	readonly expected: Json | undefined;
	readonly actual: Outcome | undefined;
}

/** How many parts of a case were compared, and which differ. */
export interface Comparison {
	readonly compared: number;
	readonly differences: readonly Difference[];
	/** Parts, or the whole case, that production cannot be asked. */
	readonly noForm: readonly string[];
}

/** Compares what production did with what is recorded of gin. Wording, columns and what only Python tells apart do not count. */
export function compareProduction({ expect }: Case, { failed, parts, noForm }: Ran): Comparison {
	if (noForm !== undefined) {
		return { compared: 0, differences: [], noForm: [noForm] };
	}
	const expected = expectedParts(expect);
	const wanted = expected.get('');
	if (failed !== undefined || wanted !== undefined) {
		const actual: Outcome = failed === undefined ? { result: 'nothing refused' } : { failure: failed };
		const text = differenceOf(wanted, actual, true);
		const part = failed?.stage ?? 'stage';
		return { compared: 1, differences: text === '' ? [] : [{ part, text, expected: wanted, actual }], noForm: [] };
	}
	const found = { compared: 0, differences: [] as Difference[], noForm: [] as string[] };
	for (const [part, json] of expected) {
		const actual = parts.get(part);
		if (actual !== undefined && 'noForm' in actual) {
			found.noForm.push(actual.noForm);
			continue;
		}
		found.compared++;
		const isParse = part.startsWith('steps');
		const text = differenceOf(json, actual, isParse);
		// What follows from something that could not be asked cannot be asked either.
		if (text !== '' && found.noForm.length > 0) {
			found.compared--;
			found.noForm.push('what follows from that');
		} else if (text !== '') {
			found.differences.push({ part, text, expected: json, actual });
		}
	}
	return found;
}

// `calls[0]`: {result} or {error}; the empty name stands for an error of the whole case.
function expectedParts(expect: Readonly<Record<string, Json>>): Map<string, Json> {
	const parts = new Map<string, Json>();
	for (const [name, value] of Object.entries(expect)) {
		if (name === 'error') {
			parts.set('', { error: value });
		} else if (Array.isArray(value)) {
			value.forEach((item, index) => void parts.set(`${name}[${index}]`, item));
		} else {
			parts.set(name, typeof value === 'string' ? { result: value } : value);
		}
	}
	return parts;
}

function differenceOf(expected: Json | undefined, actual: Outcome | undefined, hasPlace: boolean): string {
	if (expected === undefined || typeof expected !== 'object' || expected === null || actual === undefined) {
		return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
	}
	if ('error' in expected) {
		const error = expected['error'] as unknown as RecordedError;
		return 'failure' in actual
			? refusalDifference(error, actual.failure, hasPlace)
			: `expected the error ${error.code}, got ${JSON.stringify('result' in actual ? actual.result : actual)}`;
	}
	if (!('result' in expected)) {
		return '';
	}
	if (!('result' in actual)) {
		return `expected ${JSON.stringify(expected['result'])}, got ${JSON.stringify(actual)}`;
	}
	// What a text drew in is not told; that it was taken is.
	const [one, other] = [expected['result'] as Json, actual.result].map(normal);
	return actual.result === null || isDeepStrictEqual(one, other)
		? ''
		: `expected ${JSON.stringify(expected['result'])}\n    got ${JSON.stringify(actual.result)}`;
}

function refusalDifference(expected: RecordedError, actual: Failure, hasPlace: boolean): string {
	if (!isSameRefusal(expected, actual)) {
		return `expected the error ${expected.code}, got ${actual.code}: ${actual.message}`;
	}
	const [place] = expected.where ?? [];
	const [own] = actual.where;
	// Python's tokenizer reports the end of the text, or the line after; a better place is no difference.
	const isFree = ['syntax.eof', 'syntax.dedent'].includes(expected.code);
	const isSame = isFree || place === undefined || own === undefined || place.line === own.line;
	return !hasPlace || isSame ? '' : `expected ${expected.code} at line ${place!.line}, got line ${own!.line}`;
}

// JavaScript has one type of numbers and one of sequences; the order of dicts does not count.
function normal(json: Json): Json {
	if (json === null || typeof json === 'boolean' || typeof json === 'string') {
		return json;
	}
	if (typeof json === 'number') {
		return { number: String(json) };
	}
	if (Array.isArray(json)) {
		return json.map(normal);
	}
	const [tag] = Object.keys(json);
	if (tag !== undefined && Object.keys(json).length === 1) {
		const content = json[tag]!;
		switch (tag) {
			case '$tuple':
				return (content as Json[]).map(normal);
			case '$float':
				return { number: numberText(String(content)) };
			case '$int':
				return { number: String(content) };
			case '$complex':
				return { complex: complexText(String(content)) };
			case '$enum':
				return String(content);
			case '$dict':
				return dict(content as Array<[Json, Json]>);
			default:
				if (tag.startsWith('$')) {
					return { [tag]: content };
				}
		}
	}
	if ('$instance' in json) {
		return { $instance: json['$instance']!, params: normal(json['params']!) };
	}
	return dict(Object.entries(json));
}

function dict(entries: ReadonlyArray<readonly [Json, Json]>): Json {
	const pairs = entries.map(([key, value]): Json => [normal(key), normal(value)]);
	return { $dict: pairs.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
}

function numberText(text: string): string {
	const python: Readonly<Record<string, string>> = { inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN' };
	return String(Number(python[text] ?? text));
}

function complexText(text: string): string {
	const ours = /^([^,]+),([^,]+)$/u.exec(text);
	if (ours !== null) {
		return `${Number(ours[1])},${Number(ours[2])}`;
	}
	const python = /^\(?(?:(-?[\d.]+(?:e[+-]?\d+)?)(?=[+-]))?([+-]?[\d.]+(?:e[+-]?\d+)?)j\)?$/u.exec(text);
	return python === null ? text : `${Number(python[1] ?? 0)},${Number(python[2])}`;
}
