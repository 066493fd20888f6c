import type { z } from 'zod';
import { RefusedError } from '../core/errors.ts';
import { visible } from '../core/visible.ts';
import { deepest } from './limits.ts';

/**
 * Reads a JSON text that somebody else may have written, and checks it against a schema. Every refusal names `path`, the
 * field and what is wrong with it; a `schema` of a later version than the schema knows is refused as that.
 */
export function parseRecord<T extends z.ZodType>(text: string, schema: T, path: string): z.output<T> {
	return checkRecord(parseJson(text, path), schema, path);
}

/** The second half of `parseRecord`: checks what was read against a schema. */
export function checkRecord<T extends z.ZodType>(value: unknown, schema: T, path: string): z.output<T> {
	const { success, data, error } = schema.safeParse(value);
	if (success) {
		return data;
	}
	const issue = error.issues.find(({ path: [field] }) => field === 'schema') ?? error.issues[0]!;
	const found = (value as { schema?: unknown } | null)?.schema;
	if (issue.path[0] === 'schema' && typeof found === 'string') {
		throw unknownLayout(path, found, issue);
	}
	const field = oneLine(issue.path.map(String).join('.')) || 'the whole';
	throw new RefusedError('file.damaged', `${path}: ${field}: ${oneLine(issue.message)}.`);
}

/** Reads a JSON text that somebody else may have written: not too deep, and with no name that changes what objects are. */
export function parseJson(text: string, path: string): unknown {
	if (isDeep(text)) {
		throw new RefusedError('file.damaged', `${path} has more than ${deepest} brackets open at once.`);
	}
	try {
		// Looking at every field takes ten times as long: only where one may be called so, spelt with escapes or without.
		return /__proto__|\\u/u.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text);
	} catch (error) {
		throw new RefusedError('file.damaged', `${path} is no JSON: ${oneLine((error as Error).message)}.`);
	}
}

function withoutPrototype(key: string, value: unknown): unknown {
	if (key === '__proto__') {
		throw new SyntaxError('a field is called __proto__');
	}
	return value;
}

// The text at fault may be anything.
function oneLine(text: string): string {
	const line = visible(text);
	return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function unknownLayout(path: string, found: string, { message }: { message: string }): RefusedError {
	const [, name, version] = /^(gimlet\.[a-z_]+)\/(\d+)$/u.exec(found) ?? [];
	const [, known] = /"gimlet\.[a-z_]+\/(\d+)"/u.exec(message) ?? [];
	const isNewer = known !== undefined && Number(version) > Number(known);
	return new RefusedError(
		isNewer ? 'file.newer' : 'file.damaged',
		isNewer
			? `${path} has the layout ${found}; this version of gimlet reads up to ${name}/${known}.`
			: `${path} has the layout ${oneLine(JSON.stringify(found))}: ${oneLine(message)}.`,
	);
}

function isDeep(text: string): boolean {
	let depth = 0;
	for (let at = 0; at < text.length; at++) {
		const character = text.charCodeAt(at);
		if (character === 0x22) {
			at = endOfString(text, at);
		} else if (character === 0x5b || character === 0x7b) {
			depth++;
			if (depth > deepest) {
				return true;
			}
		} else if (character === 0x5d || character === 0x7d) {
			depth--;
		}
	}
	return false;
}

// At the quote that ends it, or the end of the text.
function endOfString(text: string, start: number): number {
	for (let at = start + 1; at < text.length; at++) {
		const character = text.charCodeAt(at);
		if (character === 0x22) {
			return at;
		}
		at += character === 0x5c ? 1 : 0;
	}
	return text.length;
}
