import type { Problem } from '../core/errors.ts';
import type { Span } from './ast.ts';
import { formatProblem } from './positions.ts';

/** A problem and its place; the text for people is made when it is asked for. */
export function problemAt(code: string, span: Span, message: string): Problem {
	return {
		code,
		message,
		span,
		get text() {
			return formatProblem(span, message);
		},
	};
}
