import { didYouMean } from '../core/suggest.ts';
import type { Span, Value } from '../gin/ast.ts';
import { bracesAt } from '../gin/value-failures.ts';
import { showValue } from './show-value.ts';
import { describeType, type NumberRange, showPlain, type TypeSpec } from './type-spec.ts';

/** One thing wrong with a config; the message says all but the place. */
export interface Mismatch {
	readonly code: string;
	/** Where in the config; undefined for a default or a value without a place. */
	readonly span: Span | undefined;
	readonly message: string;
}

/** One thing wrong inside a value, whatever the parameter is called that holds it. */
export interface Wrong {
	readonly code: string;
	readonly span: Span | undefined;
	/** Where in the value: `[2]`. */
	readonly at: string;
	/** The macros that lead there, outermost first. */
	readonly through: readonly string[];
	/** What is wrong with `label`, such as `mlp.units[2]`. */
	readonly message: (label: string) => string;
}

/** Something wrong with a value itself. */
export function found(code: string, { span }: Pick<Value, 'span'>, message: (label: string) => string): Wrong {
	return { code, span, at: '', through: [], message };
}

/** What is wrong inside one step of a value: `[2]`. */
export function within(step: string, wrong: readonly Wrong[]): readonly Wrong[] {
	return wrong.length === 0 ? wrong : wrong.map((one) => ({ ...one, at: `${step}${one.at}` }));
}

/** A value of another type than is wanted. */
export function wrongType(value: Value, type: TypeSpec): Wrong {
	const text = `expects ${describeType(type)}, got ${showValue(value)}${environmentHint(value)}${bracesHint(value)}`;
	return found('config.wrong_type', value, (label) => `${label} ${text}`);
}

// Without a fallback a variable is text, whatever stands in it.
function environmentHint({ type, span }: Value): string {
	const written = type === 'string' && span !== undefined ? span.source.text.slice(span.start, span.end) : '';
	const call = /^env\s*\(\s*('[^']*'|"[^"]*")\s*,?\s*\)$/u.exec(written);
	return call === null
		? ''
		: `: env() gives text, unless its fallback is of another type, as in env(${call[1]}, 1) for a number`;
}

// As other languages write it.
function bracesHint(value: Value): string {
	const name = value.type === 'string' ? bracesAt(value.value) : undefined;
	return name === undefined ? '' : `: a macro is written %${name}, without quotes`;
}

/** Whether a number lies where it should. */
export function rangeOf(number: number, value: Value, range: NumberRange & TypeSpec): readonly Wrong[] {
	const { min = -Infinity, above = -Infinity, max = Infinity, below = Infinity, multipleOf } = range;
	const isInside =
		number >= min && number <= max && (above === -Infinity || number > above) && (below === Infinity || number < below);
	const isMultiple = multipleOf === undefined || Math.abs(number / multipleOf - Math.round(number / multipleOf)) < 1e-9;
	return isInside && isMultiple && Number.isFinite(number)
		? []
		: [outOfRange(value, range, showValue(value).replace(/^\w+ /u, ''))];
}

/** Whether a string is long enough and looks right. */
export function stringOf(value: Value, type: Extract<TypeSpec, { type: 'string' }>): readonly Wrong[] {
	if (value.type !== 'string') {
		return [wrongType(value, type)];
	}
	const length = value.value.length;
	const isFitting = length >= (type.min ?? 0) && length <= (type.max ?? Infinity) && matches(type.pattern, value.value);
	return isFitting ? [] : [outOfRange(value, type, showValue(value))];
}

function outOfRange(value: Value, type: TypeSpec, shown: string): Wrong {
	return found('config.out_of_range', value, (label) => `${label} expects ${describeType(type)}, got ${shown}`);
}

function matches(pattern: string | undefined, text: string): boolean {
	if (pattern === undefined) {
		return true;
	}
	const end = pattern.lastIndexOf('/');
	return new RegExp(pattern.slice(1, end), pattern.slice(end + 1).replaceAll(/[gy]/gu, '')).test(text);
}

/** Whether a value is one of those allowed. */
export function choiceOf(value: Value, type: Extract<TypeSpec, { type: 'choice' }>): readonly Wrong[] {
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
	return [found(code, value, (label) => `${label} expects ${one}, got ${showValue(value)}.${near}`)];
}
