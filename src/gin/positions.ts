import { visible } from '../core/visible.ts';
import type { Source, Span } from './ast.ts';
import { bindingStarts } from './split-bindings.ts';

/** A place in a text as people count: lines and columns from 1; a column is a character, whatever its width. */
export interface Position {
	readonly line: number;
	readonly column: number;
	/** The offsets of the line, without its end. */
	readonly lineStart: number;
	readonly lineEnd: number;
}

/** The longest part of a source line that a message shows, in characters. */
const shownWidth = 120;

const pieceLength = 1024;

const lineTables = new WeakMap<Source, readonly number[]>();
const bindingTables = new WeakMap<Source, readonly number[]>();
const surrogateTables = new WeakMap<Source, readonly number[]>();

/** Where an offset is. The table of lines is made at the first question about a source. */
export function positionOf(source: Source, offset: number): Position {
	const lines = tableOf(source, lineTables, source.kind === 'file' ? fileLineStarts : lineStarts);
	const index = lastAtOrBefore(lines, offset);
	const lineStart = lines[index]!;
	const next = lines[index + 1];
	let lineEnd = next ?? source.text.length;
	while (lineEnd > lineStart && '\r\n'.includes(source.text[lineEnd - 1]!)) {
		lineEnd--;
	}
	return { line: index + 1, column: countCharacters(source, lineStart, offset) + 1, lineStart, lineEnd };
}

/** `file:line:column`, or for `-b` arguments `-b 1, binding 2, column 5`. */
export function formatPosition({ source, start }: Span): string {
	const { line, column } = positionOf(source, start);
	if (source.kind !== 'bindings') {
		return `${visible(source.name)}:${line}:${column}`;
	}
	const starts = tableOf(source, bindingTables, bindingStarts);
	const index = lastAtOrBefore(starts, start);
	const first = positionOf(source, starts[index]!);
	const inLine = line === first.line ? column - first.column + 1 : column;
	const lineText = line === first.line ? '' : `line ${line - first.line + 1}, `;
	return `${visible(source.name)}, binding ${index + 1}, ${lineText}column ${inLine}`;
}

/** The whole report of a problem: `position: message`, the source line, and a caret under what is meant. */
export function formatProblem(span: Span, message: string): string {
	const { source, start, end } = span;
	if (source.isHidden) {
		return `${formatPosition(span)}: ${message}`;
	}
	const { lineStart, lineEnd } = positionOf(source, start);
	const before = [...source.text.slice(Math.max(lineStart, start - shownWidth), start)];
	const marked = [...source.text.slice(start, Math.min(Math.max(end, start), lineEnd, start + shownWidth))];
	const after = [...source.text.slice(start + marked.join('').length, Math.min(lineEnd, start + 2 * shownWidth))];
	const isCutBefore = start - lineStart > before.join('').length || before.length > shownWidth / 2;
	const shownBefore = isCutBefore ? ['…', ...before.slice(-shownWidth / 2)] : before;
	const room = Math.max(0, shownWidth - shownBefore.length - marked.length);
	const isCutAfter = after.length > room;
	const tail = isCutAfter ? [...after.slice(0, room), '…'] : after;
	const line = [...shownBefore, ...marked, ...tail].map(shown).join('').trimEnd();
	// Tabs are repeated, so that the caret stands right whatever their width.
	const indent = shownBefore
		.map((character) => (character === '\t' ? '\t' : ' '.repeat(shown(character).length)))
		.join('');
	const carets = marked.reduce((sum, character) => sum + shown(character).length, 0);
	return `${formatPosition(span)}: ${visible(message)}\n    ${line}\n    ${indent}${'^'.repeat(Math.max(1, carets))}`;
}

function shown(character: string): string {
	return character === '\t' ? character : visible(character);
}

function tableOf(
	source: Source,
	tables: WeakMap<Source, readonly number[]>,
	make: (text: string) => readonly number[],
): readonly number[] {
	const known = tables.get(source);
	if (known !== undefined) {
		return known;
	}
	const table = make(source.text);
	tables.set(source, table);
	return table;
}

function lineStarts(text: string): readonly number[] {
	const starts = [0];
	for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
		starts.push(at + 1);
	}
	return starts;
}

// In a file a lone carriage return ends a line too.
function fileLineStarts(text: string): readonly number[] {
	if (!text.includes('\r')) {
		return lineStarts(text);
	}
	return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), (match) => match.index + match[0].length)];
}

function lastAtOrBefore(sorted: readonly number[], offset: number): number {
	let low = 0;
	let high = sorted.length;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (sorted[middle]! <= offset) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

// A line may be very long and hold very many places: so the characters are not counted one by one from its beginning.
function countCharacters(source: Source, start: number, end: number): number {
	const counts = tableOf(source, surrogateTables, surrogateCounts);
	return counts.length === 0
		? end - start
		: end - start - surrogatesBefore(source, end) + surrogatesBefore(source, start);
}

/** How many second halves of surrogate pairs, which are no characters of their own, stand before an offset. */
function surrogatesBefore(source: Source, offset: number): number {
	const counts = tableOf(source, surrogateTables, surrogateCounts);
	const piece = Math.floor(offset / pieceLength);
	return counts[piece]! + countSurrogates(source.text, piece * pieceLength, offset);
}

// The number before each piece of the text; empty for a text without any.
function surrogateCounts(text: string): readonly number[] {
	if (!/[\udc00-\udfff]/.test(text)) {
		return [];
	}
	const counts = [0];
	for (let start = 0; start + pieceLength <= text.length; start += pieceLength) {
		counts.push(counts.at(-1)! + countSurrogates(text, start, start + pieceLength));
	}
	return counts;
}

function countSurrogates(text: string, start: number, end: number): number {
	let count = 0;
	for (let at = start; at < end; at++) {
		const code = text.charCodeAt(at);
		count += code >= 0xdc00 && code <= 0xdfff ? 1 : 0;
	}
	return count;
}
