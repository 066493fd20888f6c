import type { Value } from './ast.ts';
import { visitValue } from './values.ts';

/** Every call that a value may be; there are no others. */
export const callNames = ['per', 'grid', 'zip', 'choice', 'uniform', 'log_uniform'] as const;
export type CallName = (typeof callNames)[number];

/** How each is written. */
export const callForms: Readonly<Record<CallName, string>> = {
	per: "per('what', {'name': value, …})",
	grid: 'grid([value, …])',
	zip: "zip([value, …]) or zip([value, …], 'group')",
	choice: 'choice([value, …])',
	uniform: 'uniform(low, high)',
	log_uniform: 'log_uniform(low, high)',
};

/** Whether a name begins such a call. */
export function isCallName(name: string): name is CallName {
	return (callNames as readonly string[]).includes(name);
}

/** What is wrong with the arguments of a call; undefined where nothing is. */
export function callProblem(name: CallName, args: readonly Value[]): string | undefined {
	const wanted = `${name} is written ${callForms[name]}`;
	if (!args.every(isData)) {
		return `${wanted}, with plain data: no references, macros or calls`;
	}
	switch (name) {
		case 'per':
			return args.length === 2 && args[0]!.type === 'string' && isNamed(args[1]!) ? undefined : wanted;
		case 'grid':
		case 'choice':
			return args.length === 1 && isFilled(args[0]!) ? undefined : wanted;
		case 'zip':
			return args.length > 0 && isFilled(args[0]!) && (args.length === 1 || isText(args)) ? undefined : wanted;
		default:
			return boundsProblem(name, args, wanted);
	}
}

/** The values that a call has to offer; none of those between two bounds. */
export function offered(name: CallName, [first, second]: readonly Value[]): readonly Value[] {
	if (name === 'per') {
		return second?.type === 'dict' ? second.entries.map(([, value]) => value) : [];
	}
	return first !== undefined && 'items' in first ? first.items : [];
}

function boundsProblem(name: CallName, args: readonly Value[], wanted: string): string | undefined {
	const [low, high] = args.map((arg) => (arg.type === 'int' || arg.type === 'float' ? Number(arg.value) : Number.NaN));
	if (args.length !== 2 || !Number.isFinite(low) || !Number.isFinite(high)) {
		return `${wanted}, with two numbers`;
	}
	if (low! >= high!) {
		return `${wanted}, the lower bound first`;
	}
	return name === 'log_uniform' && low! <= 0 ? `${wanted}, with bounds above 0` : undefined;
}

function isText(args: readonly Value[]): boolean {
	return args.length === 2 && args[1]!.type === 'string';
}

function isFilled(value: Value): boolean {
	return (value.type === 'list' || value.type === 'tuple') && value.items.length > 0;
}

function isNamed(value: Value): boolean {
	return value.type === 'dict' && value.entries.length > 0 && value.entries.every(([key]) => key.type === 'string');
}

function isData(value: Value): boolean {
	let isPlain = true;
	visitValue(value, ({ type }) => {
		isPlain &&= type !== 'reference' && type !== 'macro' && type !== 'env' && type !== 'call';
	});
	return isPlain;
}
