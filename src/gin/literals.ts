import type { BoolValue, ComplexValue, FloatValue, IntValue, NoneValue, Span } from './ast.ts';
import { decodeNumber, maxDigits } from './numbers.ts';
import { Failure } from './problems.ts';

/** The value of a name: True, False, None and, with extensions, true, false, null. */
export function nameLiteral(name: string, extensions: boolean, span: Span): BoolValue | NoneValue | undefined {
	switch (name) {
		case 'True':
			return { type: 'bool', value: true, span };
		case 'False':
			return { type: 'bool', value: false, span };
		case 'None':
			return { type: 'none', span };
	}
	const python = extensions ? pythonSpelling(name) : undefined;
	return python === undefined ? undefined : nameLiteral(python, false, span);
}

/** How gin spells what other languages call true, false, null. */
export function pythonSpelling(name: string): string | undefined {
	switch (name) {
		case 'true':
			return 'True';
		case 'false':
			return 'False';
		case 'null':
			return 'None';
		default:
			return undefined;
	}
}

/** The value of a number token, or of its negative; throws a Failure if Python refuses it. */
export function numberLiteral(text: string, isNegative: boolean, span: Span): IntValue | FloatValue | ComplexValue {
	const value = decodeNumber(text, isNegative, span);
	if (value === undefined) {
		throw literalFailure(`a whole number may have at most ${maxDigits} digits`, span.start, span.end);
	}
	return value;
}

/** The failure for a literal that Python cannot evaluate. */
export function literalFailure(message: string, start: number, end: number): Failure {
	return new Failure('syntax.literal', message, start, end);
}
