import type { Source } from './ast.ts';
import { parse } from './parser.ts';

/**
 * One source per `-b`, named as messages name it. A value or a block that goes on in the next `-b` is one with it, as in
 * gin, whose arguments are the lines of one text.
 */
export function bindingSources(bindings: readonly string[]): Source[] {
	const sources: Source[] = [];
	for (let first = 0; first < bindings.length; ) {
		let text = bindings[first]!;
		let last = first;
		while (last + 1 < bindings.length && goesOn(text, bindings[last + 1]!)) {
			last++;
			text += `\n${bindings[last]}`;
		}
		sources.push({
			name: first === last ? `-b ${first + 1}` : `-b ${first + 1} to ${last + 1}`,
			kind: 'bindings',
			text,
		});
		first = last + 1;
	}
	return sources;
}

function goesOn(text: string, next: string): boolean {
	const { problems, statements } = parse({ name: '-b', kind: 'bindings', text }, { extensions: true });
	const isOpen = problems.some(
		({ code, span }) =>
			code === 'syntax.eof' || (code === 'syntax.expected_indent' && text.slice(span.start).trim() === ''),
	);
	const isBlock = statements.at(-1)?.type === 'block' && /^[ \t]/u.test(next);
	return isOpen || isBlock;
}
