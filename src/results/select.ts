import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { type Fields, unquoted } from './fields.ts';

/** A comparison such as `adam.learning_rate<0.01`. */
export interface Condition {
	readonly name: string;
	readonly operator: (typeof operators)[number];
	readonly value: string;
}

/** What to keep of many runs, and in which order. */
export interface Selection {
	readonly states?: readonly string[];
	readonly where?: readonly Condition[];
	/** A name; a leading `-` turns the order round. */
	readonly sort?: string;
}

/** Longer ones first, so that `<=` is not read as `<`. */
const operators = ['<=', '>=', '!=', '==', '=', '<', '>', '~'] as const;

/** Reads `NAME OPERATOR VALUE`; operators are `= == != < <= > >=` and `~` (contains). Throws a UsageError. */
export function parseCondition(text: string): Condition {
	const match = /^\s*([^\s<>=!~]+)\s*(<=|>=|!=|==|=|<|>|~)\s*(.*?)\s*$/su.exec(text);
	if (match === null || match[3] === '') {
		throw new UsageError(
			'runs.where',
			`--where ${JSON.stringify(text)}: expected NAME OPERATOR VALUE, as in adam.learning_rate<0.01; operators: ${operators.join(' ')}.`,
		);
	}
	const quoted = /^"(.*)"$/su.exec(match[3]!)?.[1] ?? unquoted(match[3]!);
	return { name: match[1]!, operator: match[2] as Condition['operator'], value: quoted };
}

/** The runs that meet every condition, sorted. A name that no run has is a UsageError. */
export function selectRuns(runs: readonly Fields[], { states, where = [], sort }: Selection): Fields[] {
	const inState = states === undefined ? runs : runs.filter(({ row }) => states.includes(row.state));
	const met = inState.filter((run) => where.every((condition) => meets(run, condition)));
	requireKnown(
		runs,
		where.map(({ name }) => name),
	);
	return sort === undefined ? met : sorted(met, runs, sort);
}

/** Throws a UsageError that names the nearest where no run has a value of such a name; fine where there are no runs. */
export function requireKnown(runs: readonly Fields[], names: readonly string[]): void {
	for (const name of names) {
		if (runs.length > 0 && !runs.some((run) => run.value(name) !== undefined)) {
			const known = new Set(runs.slice(0, 200).flatMap((run) => run.names()));
			throw new UsageError('runs.unknown_name', `No run has a value "${name}".${didYouMean(name, known)}`);
		}
	}
}

function sorted(runs: readonly Fields[], all: readonly Fields[], sort: string): Fields[] {
	const name = sort.replace(/^-/u, '');
	requireKnown(all, [name]);
	const sign = sort.startsWith('-') ? -1 : 1;
	const keyed = runs.map((run) => ({ run, value: run.value(name) }));
	keyed.sort((a, b) => {
		// Runs without a value, or with NaN, come last either way.
		const [blankA, blankB] = [isBlank(a.value), isBlank(b.value)];
		if (blankA || blankB) {
			return Number(blankA) - Number(blankB);
		}
		return sign * compare(a.value!, b.value!);
	});
	return keyed.map(({ run }) => run);
}

type Value = NonNullable<ReturnType<Fields['value']>>;

function isBlank(value: Value | undefined): boolean {
	return value === undefined || value.text === '' || Number.isNaN(value.number);
}

function compare(a: Value, b: Value): number {
	return a.number !== undefined && b.number !== undefined
		? a.number - b.number
		: a.text.localeCompare(b.text, 'en', { numeric: true });
}

// A run without the value is not equal to anything, and not comparable with anything.
function meets(run: Fields, { name, operator, value }: Condition): boolean {
	const own = run.value(name);
	if (own === undefined) {
		return operator === '!=';
	}
	if (operator === '~') {
		return own.text.includes(value);
	}
	const wanted = { text: value, number: toNumber(value) };
	const isNumeric = own.number !== undefined && wanted.number !== undefined;
	if (operator === '=' || operator === '==' || operator === '!=') {
		const isEqual = isNumeric
			? own.number === wanted.number || (Number.isNaN(own.number) && Number.isNaN(wanted.number))
			: own.text === value || own.text.toLowerCase() === value.toLowerCase();
		return isEqual === (operator !== '!=');
	}
	if (!isNumeric && (own.number !== undefined || wanted.number !== undefined)) {
		return false;
	}
	const order = compare(own, wanted);
	return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator];
}

function toNumber(text: string): number | undefined {
	if (text === 'nan') {
		return Number.NaN;
	}
	const value = Number(text);
	return Number.isNaN(value) ? undefined : value;
}
