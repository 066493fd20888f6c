import type { Problem } from '../core/errors.ts';
import type { Span } from './ast.ts';
import { formatProblem } from './positions.ts';

/** A problem as it is shown: where, what is wrong, the source line, and a caret under what is meant. */
export function problemAt(code: string, span: Span, message: string): Problem {
	return { code, text: formatProblem(span, message) };
}
