import { isDeepStrictEqual } from 'node:util';
import type { Case, Json, RecordedError } from './case.ts';

/** What differs from the expectation, one line each; empty if the case passes. */
export function differences({ expect }: Case, actual: Record<string, Json>): string[] {
	return compare('', expect, actual as Json);
}

/** Error codes whose messages must name the same things. */
const namingCode = /^(unknown_|ambiguous_|list_|both_lists|not_in_allowlist|in_denylist)/;

function compare(path: string, expected: Json | undefined, actual: Json | undefined): string[] {
	if (isObject(expected) && isObject(actual)) {
		if ('error' in expected && 'error' in actual) {
			return compareErrors(
				path,
				expected['error'] as unknown as RecordedError,
				actual['error'] as unknown as RecordedError,
			);
		}
		if ('result' in expected && 'result' in actual) {
			return isDeepStrictEqual(canonical(expected['result']!), canonical(actual['result']!))
				? []
				: [note(path, expected, actual)];
		}
		const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
		return keys.flatMap((key) => compare(`${path}.${key}`, expected[key], actual[key]));
	}
	if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
		return expected.flatMap((item, index) => compare(`${path}[${index}]`, item, actual[index]));
	}
	return isDeepStrictEqual(addressless(expected), addressless(actual)) ? [] : [note(path, expected, actual)];
}

function addressless(json: Json | undefined): Json | undefined {
	return typeof json === 'string' ? withoutAddresses(json) : json;
}

// An object without a literal form prints its address, which says nothing.
function withoutAddresses(text: string): string {
	return text
		.replace(/<object object at 0x[0-9A-Za-z]+>/g, '<object>')
		.replace(
			/<gin\.config\._UnknownConfigurableReference object at 0x[0-9A-Za-z]+>|<reference @[^>]*>/g,
			'<reference>',
		);
}

function compareErrors(path: string, expected: RecordedError, actual: RecordedError): string[] {
	const lines: string[] = [];
	const check = (name: string, one: unknown, other: unknown) => {
		if (!isDeepStrictEqual(one, other)) {
			lines.push(`${path}: ${name} should be ${JSON.stringify(one)}, is ${JSON.stringify(other)} (${actual.message})`);
		}
	};
	check('code', expected.code, actual.code);
	check('where', places(expected), places(actual));
	check('stage', expected.stage, actual.stage);
	check('index', expected.index, actual.index);
	if (namingCode.test(expected.code)) {
		check('names', quotedNames(expected.message), quotedNames(actual.message));
	}
	return lines;
}

function places({ where = [] }: RecordedError): unknown {
	return where.map(({ file, line }) => [file, line]);
}

// The places that follow the message quote source text.
function quotedNames(message: string): string[] {
	const [text] = message.split('\n  In ');
	return [...text!.matchAll(/'([^']*)'/g)].map(([, name]) => name!).sort();
}

/** One form for equal values: numbers keep their type, the order of dicts does not count. */
function canonical(json: Json): Json {
	if (typeof json === 'string') {
		return withoutAddresses(json);
	}
	if (json === null || typeof json === 'boolean') {
		return json;
	}
	if (typeof json === 'number') {
		return Number.isInteger(json) ? { $int: BigInt(json).toString() } : { $float: String(json) };
	}
	if (Array.isArray(json)) {
		return json.map(canonical);
	}
	const keys = Object.keys(json);
	if (keys.length === 1 && keys[0]!.startsWith('$')) {
		return canonicalTag(keys[0]!, json[keys[0]!]!);
	}
	if ('$instance' in json) {
		return { $instance: json['$instance']!, params: canonical(json['params']!) };
	}
	return dict(Object.entries(json));
}

function canonicalTag(tag: string, content: Json): Json {
	switch (tag) {
		case '$dict':
			return dict(content as Array<[Json, Json]>);
		case '$tuple':
			return { $tuple: (content as Json[]).map(canonical) };
		case '$set':
			return { $set: sorted((content as Json[]).map(canonical)) };
		case '$float':
			return { $float: floatText(String(content)) };
		case '$complex':
			return { $complex: complexText(String(content)) };
		default:
			return { [tag]: content };
	}
}

function dict(entries: ReadonlyArray<readonly [Json, Json]>): Json {
	return { $dict: sorted(entries.map(([key, value]) => [canonical(key), canonical(value)])) };
}

function sorted(items: Json[]): Json[] {
	return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function floatText(text: string): string {
	const python: Record<string, string> = { inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN' };
	const number = Number(python[text] ?? text);
	return Object.is(number, -0) ? '-0' : String(number);
}

// Ours is `real,imaginary`; Python's repr is `2j` or `(1+2j)`.
function complexText(text: string): string {
	const ours = /^([^,]+),([^,]+)$/.exec(text);
	if (ours !== null) {
		return `${Number(ours[1])},${Number(ours[2])}`;
	}
	const python = /^\(?(?:(-?[\d.]+(?:e[+-]?\d+)?)(?=[+-]))?([+-]?[\d.]+(?:e[+-]?\d+)?)j\)?$/.exec(text);
	return python === null ? text : `${Number(python[1] ?? 0)},${Number(python[2])}`;
}

function isObject(json: Json | undefined): json is { [key: string]: Json } {
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function note(path: string, expected: unknown, actual: unknown): string {
	return `${path === '' ? 'outcome' : path}: expected ${JSON.stringify(expected)}\n    got ${JSON.stringify(actual)}`;
}
