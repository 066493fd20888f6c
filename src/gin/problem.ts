import type { Problem } from '../core/errors.ts';
import type { Span } from './ast.ts';

/** A problem as it is shown: `file:line:column: message`, the source line, and a caret under what is meant. */
export function problemAt(code: string, span: Span, message: string): Problem {
	const { source, start, end } = span;
	const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
	const found = source.text.indexOf('\n', start);
	const lineEnd = found === -1 ? source.text.length : found;
	const line = countNewlines(source.text, lineStart) + 1;
	const shown = source.text.slice(lineStart, lineEnd).trimEnd();
	const before = source.text.slice(lineStart, start);
	// Tabs are repeated, so that the caret stands right whatever their width.
	const indent = before.replaceAll(/[^\t]/gu, ' ');
	const width = [...source.text.slice(start, Math.max(start + 1, Math.min(end, lineStart + shown.length)))].length;
	const caret = `${indent}${'^'.repeat(Math.max(1, width))}`;
	const text = `${source.name}:${line}:${[...before].length + 1}: ${message}\n    ${shown}\n    ${caret}`;
	return { code, text };
}

function countNewlines(text: string, end: number): number {
	let count = 0;
	for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
		count++;
	}
	return count;
}
