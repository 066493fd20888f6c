import type { Source, Span } from '../gin/ast.ts';
import type { MergedBinding } from '../gin/merge/merged.ts';
import { joinScope } from '../gin/model/scopes.ts';

/** Finds the header of the block that a line stands in. */
export class BlockHeaders {
	/** Per header text, the one found last and up to where the text has been looked at: a block may be long. */
	readonly #found = new Map<Source, Map<string, { header: number; upTo: number }>>();

	/** The component's name in the header; undefined for a line that stands alone. */
	of({ key, scope, written }: Pick<MergedBinding, 'key' | 'scope' | 'written'>): Span | undefined {
		const { source, start, end } = key;
		if (source.text.slice(start, end).includes('.')) {
			return undefined;
		}
		const text = joinScope(scope, written);
		const known = this.#found.get(source) ?? new Map<string, { header: number; upTo: number }>();
		this.#found.set(source, known);
		const before = known.get(text);
		const isFurther = before !== undefined && before.upTo <= start;
		const found = lastHeader(source.text, text, isFurther ? before.upTo : 0, start);
		const header = found === -1 && isFurther ? before.header : found;
		if (header === -1) {
			return undefined;
		}
		known.set(text, { header, upTo: start });
		const at = header + text.length - written.length;
		return { source, start: at, end: at + written.length };
	}
}

// The last place in `from` to `to` where a line begins with `header` and a colon.
function lastHeader(text: string, header: string, from: number, to: number): number {
	const part = text.slice(from, to);
	for (let at = part.lastIndexOf(header); at !== -1; at = at === 0 ? -1 : part.lastIndexOf(header, at - 1)) {
		const line = part.slice(part.lastIndexOf('\n', at) + 1, at);
		if (line.trim() === '' && /^[ \t\f]*:/.test(part.slice(at + header.length, at + header.length + 100))) {
			return from + at;
		}
	}
	return -1;
}
