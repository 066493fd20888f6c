import type { Value } from './ast.ts';
import { sortedEntries } from './dict-order.ts';
import { bytesText, reprValue, stringText, type Written } from './repr.ts';

export { isPrintable, reprValue } from './repr.ts';

export interface PrintOptions {
	/** The widest line, in characters; 76 where none is given, as in gin. */
	readonly width?: number;
	/** Whether what only gimlet reads may be written: see `reprValue`. */
	readonly extensions?: boolean;
}

/**
 * A value laid out as Python's `pprint` does: on one line if it fits, else each element on a line of its own, aligned
 * under its bracket; long strings are divided at blanks into adjacent literals.
 */
export function printValue(value: Value, options: PrintOptions = {}): string {
	const layout = new Layout(options.width ?? 76, options.extensions ?? false);
	layout.add(value, 0, 0, 1);
	return layout.text();
}

export interface PrintBindingOptions {
	/** The widest line; 80 where none is given. */
	readonly maxLineLength?: number;
	/** How far lines that go on a binding are indented; 4 where none is given. */
	readonly indent?: number;
	readonly operator?: '=' | '|=';
	readonly extensions?: boolean;
}

/** `key = value`, or where that is too long `key = \` and the value below, indented. */
export function printBinding(key: string, value: Value, options: PrintBindingOptions = {}): string {
	const { maxLineLength = 80, indent = 4, operator = '=', extensions = false } = options;
	const text = printValue(value, { width: maxLineLength - indent, extensions });
	if (!text.includes('\n') && widthOf(key) + widthOf(text) <= maxLineLength) {
		return `${key} ${operator} ${text}`;
	}
	const blanks = ' '.repeat(indent);
	const lines = text.split('\n').map((line) => `${blanks}${line}`);
	return `${key} ${operator} \\\n${lines.join('\n')}`;
}

class Layout {
	readonly #parts: string[] = [];
	readonly #written: Written = new Map();

	constructor(
		readonly width: number,
		readonly extensions: boolean,
	) {}

	text(): string {
		return this.#parts.join('');
	}

	// `indent` is the column where the value begins, `allowance` what must still fit behind it on its last line.
	add(value: Value, indent: number, allowance: number, level: number): void {
		const text = reprValue(value, this.extensions, this.#written);
		if (widthOf(text) <= this.width - indent - allowance) {
			this.#parts.push(text);
			return;
		}
		switch (value.type) {
			case 'list':
			case 'tuple':
				this.#sequence(
					value.items,
					value.type === 'list' ? ['[', ']'] : ['(', value.items.length === 1 ? ',)' : ')'],
					indent,
					allowance,
					level,
				);
				break;
			case 'dict':
				this.#dict(value.entries, indent, allowance, level);
				break;
			case 'string':
				this.#chunks(
					value.value === '' ? [text] : stringChunks(value.value, this.#room(indent, allowance, level)),
					text,
					indent,
					level,
				);
				break;
			case 'bytes':
				this.#bytes(value.value, text, indent, allowance, level);
				break;
			default:
				this.#parts.push(text);
		}
	}

	#sequence(items: readonly Value[], [open, close]: string[], indent: number, allowance: number, level: number): void {
		this.#parts.push(open!);
		for (const [index, item] of items.entries()) {
			const isLast = index === items.length - 1;
			this.add(item, indent + 1, isLast ? allowance + close!.length : 1, level + 1);
			this.#parts.push(isLast ? '' : `,\n${' '.repeat(indent + 1)}`);
		}
		this.#parts.push(close!);
	}

	#dict(entries: ReadonlyArray<readonly [Value, Value]>, indent: number, allowance: number, level: number): void {
		this.#parts.push('{');
		for (const [index, [key, value]] of sortedEntries(entries).entries()) {
			const isLast = index === entries.length - 1;
			const keyText = reprValue(key, this.extensions, this.#written);
			this.#parts.push(`${keyText}: `);
			this.add(value, indent + 1 + widthOf(keyText) + 2, isLast ? allowance + 1 : 1, level + 1);
			this.#parts.push(isLast ? '' : `,\n${' '.repeat(indent + 1)}`);
		}
		this.#parts.push('}');
	}

	#bytes(bytes: Uint8Array, text: string, indent: number, allowance: number, level: number): void {
		if (bytes.length <= 4) {
			this.#parts.push(text);
			return;
		}
		const chunks = byteChunks(bytes, this.#room(indent, allowance, level));
		// Python puts parentheses round bytes that were to be divided, even where one piece results.
		const isOuter = level === 1;
		this.#parts.push(
			isOuter ? '(' : '',
			chunks.join(`\n${' '.repeat(isOuter ? indent + 1 : indent)}`),
			isOuter ? ')' : '',
		);
	}

	#chunks(chunks: readonly string[], whole: string, indent: number, level: number): void {
		if (chunks.length === 1) {
			this.#parts.push(whole);
			return;
		}
		const isOuter = level === 1;
		this.#parts.push(
			isOuter ? '(' : '',
			chunks.join(`\n${' '.repeat(isOuter ? indent + 1 : indent)}`),
			isOuter ? ')' : '',
		);
	}

	// A value of its own gets parentheses when divided, which take one column on either side.
	#room(indent: number, allowance: number, level: number): { width: number; allowance: number } {
		const parenthesis = level === 1 ? 1 : 0;
		return { width: this.width - indent - parenthesis, allowance: allowance + parenthesis };
	}
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts them as ends of lines
const lineEnd = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/g;
const wordAndBlanks =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts them as blanks
	/[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/g;

function stringChunks(text: string, { width, allowance }: { width: number; allowance: number }): string[] {
	const lines = linesOf(text);
	const chunks: string[] = [];
	for (const [index, line] of lines.entries()) {
		const isLast = index === lines.length - 1;
		const literal = stringText(line);
		if (widthOf(literal) <= (isLast ? width - allowance : width)) {
			chunks.push(literal);
		} else {
			chunks.push(...wordChunks(line, width, isLast ? allowance : 0));
		}
	}
	return chunks;
}

function wordChunks(line: string, width: number, allowance: number): string[] {
	const words = line.match(wordAndBlanks)!.slice(0, -1);
	const chunks: string[] = [];
	let current = '';
	for (const [index, word] of words.entries()) {
		const room = index === words.length - 1 ? width - allowance : width;
		const candidate = current + word;
		if (widthOf(stringText(candidate)) > room) {
			if (current !== '') {
				chunks.push(stringText(current));
			}
			current = word;
		} else {
			current = candidate;
		}
	}
	if (current !== '') {
		chunks.push(stringText(current));
	}
	return chunks;
}

function byteChunks(bytes: Uint8Array, { width, allowance }: { width: number; allowance: number }): string[] {
	const chunks: string[] = [];
	const last = Math.floor(bytes.length / 4) * 4;
	let room = width;
	let start = 0;
	for (let at = 0; at < bytes.length; at += 4) {
		room -= at === last ? allowance : 0;
		const end = Math.min(at + 4, bytes.length);
		if (bytesText(bytes.subarray(start, end)).length > room) {
			if (at > start) {
				chunks.push(bytesText(bytes.subarray(start, at)));
			}
			start = at;
		}
	}
	chunks.push(bytesText(bytes.subarray(start)));
	return chunks;
}

function linesOf(text: string): string[] {
	const lines: string[] = [];
	let start = 0;
	for (const { 0: end, index } of text.matchAll(lineEnd)) {
		lines.push(text.slice(start, index + end.length));
		start = index + end.length;
	}
	return start < text.length ? [...lines, text.slice(start)] : lines;
}

function widthOf(text: string): number {
	let width = 0;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		width += code >= 0xdc00 && code <= 0xdfff && at > 0 && isHigh(text.charCodeAt(at - 1)) ? 0 : 1;
	}
	return width;
}

function isHigh(code: number): boolean {
	return code >= 0xd800 && code <= 0xdbff;
}
