import { didYouMean } from '../core/suggest.ts';
import type { Span, Value } from '../gin/ast.ts';
import type { Macro } from './lookup.ts';
import { showValue } from './show-value.ts';
import { describeType, type NumberRange, showPlain, type TypeSpec } from './type-spec.ts';

/** One thing wrong with a value. */
export interface Mismatch {
	readonly code: string;
	/** Where in the config; undefined for a default or a value without a place. */
	readonly span: Span | undefined;
	readonly message: string;
}

/** Where in a parameter a value stands, for messages. */
export interface Place {
	/** `mlp.units[2]` */
	readonly label: string;
	readonly span: Span | undefined;
	/** The macros that led here. */
	readonly macros: readonly Macro[];
}

/** A mismatch at a place, with the macros that led there. */
export function problem(code: string, place: Place, message: string): Mismatch {
	const through = place.macros.map(({ path }) => `%${path}`).join(' -> ');
	return { code, span: place.span, message: through === '' ? message : `${message} (through ${through})` };
}

/** A place within a place. */
export function inside(place: Place, step: string): Place {
	return { ...place, label: `${place.label}${step}` };
}

/** A value of another type than is wanted. */
export function wrongType(value: Value, type: TypeSpec, place: Place): Mismatch {
	const message = `${place.label} expects ${describeType(type)}, got ${showValue(value)}`;
	return problem('config.wrong_type', place, `${message}${environmentHint(value)}`);
}

// Without a fallback a variable is text, whatever stands in it.
function environmentHint({ type, span }: Value): string {
	const written = type === 'string' && span !== undefined ? span.source.text.slice(span.start, span.end) : '';
	const call = /^env\s*\(\s*('[^']*'|"[^"]*")\s*,?\s*\)$/u.exec(written);
	return call === null
		? ''
		: `: env() gives text, unless its fallback is of another type, as in env(${call[1]}, 1) for a number`;
}

/** Whether a number lies where it should. */
export function rangeOf(number: number, value: Value, range: NumberRange & TypeSpec, place: Place): Mismatch[] {
	const { min = -Infinity, above = -Infinity, max = Infinity, below = Infinity, multipleOf } = range;
	const isInside =
		number >= min && number <= max && (above === -Infinity || number > above) && (below === Infinity || number < below);
	const isMultiple = multipleOf === undefined || Math.abs(number / multipleOf - Math.round(number / multipleOf)) < 1e-9;
	return isInside && isMultiple && Number.isFinite(number)
		? []
		: [
				problem(
					'config.out_of_range',
					place,
					`${place.label} expects ${describeType(range)}, got ${showValue(value).replace(/^\w+ /u, '')}`,
				),
			];
}

/** Whether a string is long enough and looks right. */
export function stringOf(value: Value, type: Extract<TypeSpec, { type: 'string' }>, place: Place): Mismatch[] {
	if (value.type !== 'string') {
		return [wrongType(value, type, place)];
	}
	const length = value.value.length;
	const isFitting = length >= (type.min ?? 0) && length <= (type.max ?? Infinity) && matches(type.pattern, value.value);
	return isFitting
		? []
		: [problem('config.out_of_range', place, `${place.label} expects ${describeType(type)}, got ${showValue(value)}`)];
}

function matches(pattern: string | undefined, text: string): boolean {
	if (pattern === undefined) {
		return true;
	}
	const end = pattern.lastIndexOf('/');
	return new RegExp(pattern.slice(1, end), pattern.slice(end + 1).replaceAll(/[gy]/gu, '')).test(text);
}

/** Whether a value is one of those allowed. */
export function choiceOf(value: Value, type: Extract<TypeSpec, { type: 'choice' }>, place: Place): Mismatch[] {
	const plain = value.type === 'none' ? null : 'value' in value ? value.value : undefined;
	const isFloatForm = value.type === 'float';
	if (!isFloatForm && type.values.some((legal) => legal === plain)) {
		return [];
	}
	const strings = type.values.filter((legal) => typeof legal === 'string');
	const near = value.type === 'string' ? didYouMean(value.value, strings) : '';
	const allowed = type.values.map((legal) => showPlain(legal)).join(', ');
	const code = value.type === 'string' && strings.length > 0 ? 'config.unknown_choice' : 'config.wrong_type';
	const one = type.values.length === 1 ? allowed : `one of ${allowed}`;
	return [problem(code, place, `${place.label} expects ${one}, got ${showValue(value)}.${near}`)];
}

/** Whether a value has the outer form of a type, whatever is inside it. */
export function isOuter(value: Value, option: TypeSpec): boolean {
	switch (option.type) {
		case 'int':
			return value.type === 'int';
		case 'float':
			return value.type === 'int' || value.type === 'float';
		case 'list':
		case 'tuple':
			return value.type === 'list' || value.type === 'tuple';
		case 'dict':
		case 'object':
			return value.type === 'dict';
		case 'string':
			return value.type === 'string';
		case 'choice':
			return value.type === 'string' && option.values.some((legal) => typeof legal === 'string');
		default:
			return false;
	}
}
