import { builtinParameters } from '../../../src/gin/model/builtins.ts';
import type { Target } from './configurable.ts';
import { type Datum, noArguments, none } from './data.ts';
import { GinError } from './gin-error.ts';
import { register } from './register.ts';
import { bindArguments } from './signature.ts';
import type { State } from './state.ts';

/** Registers `gin.macro`, `gin.constant` and `gin.singleton`. */
export function registerBuiltins(state: State): void {
	const key = () => state.scope.join('/');
	register(
		state,
		target('macro', 'macro', (value) => value!),
		{ module: 'gin' },
	);
	register(
		state,
		target('constant', '_retrieve_constant', () => constantValue(state, key())),
		{
			name: 'constant',
			module: 'gin',
		},
	);
	register(
		state,
		target('singleton', 'singleton', (make) => singletonValue(state, key(), make)),
		{ module: 'gin' },
	);
}

/** The object kept under a key, made by `make` on first use. */
export function singletonValue(state: State, key: string, make: Datum = none): Datum {
	const kept = state.singletons.get(key);
	if (kept !== undefined) {
		return kept;
	}
	if (!isTruthy(make)) {
		const message = `No singleton found for key '${key}', and no constructor was given.`;
		throw new GinError('singleton_missing', 'ValueError', message);
	}
	if (make.type !== 'callable') {
		throw new GinError(
			'singleton_not_callable',
			'ValueError',
			`The constructor for singleton '${key}' is not callable.`,
		);
	}
	const made = make.call(noArguments);
	state.singletons.set(key, made);
	return made;
}

/** Python's truth of a value. */
export function isTruthy(datum: Datum): boolean {
	switch (datum.type) {
		case 'none':
			return false;
		case 'bool':
		case 'int':
		case 'float':
			// NaN is true in Python.
			return Boolean(datum.value) || Number.isNaN(datum.value);
		case 'string':
		case 'bytes':
			return datum.value.length > 0;
		case 'complex':
			return datum.real !== 0 || datum.imaginary !== 0;
		case 'list':
		case 'tuple':
		case 'set':
			return datum.items.length > 0;
		case 'dict':
			return datum.entries.length > 0;
		default:
			return true;
	}
}

function constantValue(state: State, name: string): Datum {
	const value = state.constants.get(name);
	if (value === undefined) {
		throw new GinError('other', 'KeyError', `'${name}'`);
	}
	return value;
}

function target(own: string, name: string, run: (first: Datum | undefined) => Datum): Target {
	const signature = { parameters: builtinParameters[`gin.${own}`]!.map((parameter) => ({ name: parameter })) };
	return {
		name,
		module: 'gin.config',
		signature,
		run: (call) => run([...bindArguments(name, signature, call).named.values()][0]),
	};
}
