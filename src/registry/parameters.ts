import { z } from 'zod';
import type { CallName } from '../gin/extension-calls.ts';
import type { Kind } from './kinds.ts';

/** What a parameter's schema says beyond its type. */
export interface ParameterMeta {
	/** The kind of component that belongs here, by name or by reference. */
	readonly component?: string;
	/** The component is wanted uncalled (`@mlp`): a function that builds one each time. */
	readonly factory?: boolean;
	/** `s`, `images/s`, `epochs`. */
	readonly unit?: string;
	/** Other names accepted for this parameter, each with a note when used. */
	readonly aliases?: readonly string[];
	/** May change between two sessions of one run without being another run (paths, devices, loggers, n_epochs). */
	readonly free?: boolean;
	/** Components in a list are of different names or scopes: one that stands there twice is a mistake. */
	readonly distinct?: boolean;
	/**
	 * A path, or a list of them: a relative one that a file binds means the folder of that file. So do texts of data sets
	 * that are called path, file, folder or dir, or end so.
	 */
	readonly path?: boolean;
	/** Calls that belong here, and what their values are. */
	readonly calls?: { readonly names: readonly CallName[]; readonly of: unknown };
	/** The name of a column: that there is one is checked before anything is built. */
	readonly column?: boolean;
	/**
	 * Younger than runs that go on: its default is what there was before. A config with the default is the same as one from
	 * before, so that such runs continue and jobs keep their ids.
	 */
	readonly added?: boolean;
}

/**
 * A parameter that takes a component of `kind`: its name as a string (`'mlp'`) or a reference (`@mlp()`).
 *
 * The constructor receives the built component. Whether the name exists and is of the kind is checked on the config.
 */
export function component<T>(kind: Kind<T>): z.ZodCustom<T, T> {
	return z
		.custom<T>((value) => typeof value === 'object' || typeof value === 'function', `expects a ${kind.name}`)
		.meta({ component: kind.name });
}

/** The default of a component parameter: the name of a component, built with its own bindings. */
export function named<T>(name: string): T {
	return name as unknown as T;
}

/** A parameter that takes a way to build components of `kind`: `@mlp`, or its name; the constructor gets a function. */
export function factory<T>(kind: Kind<T>): z.ZodCustom<() => T, () => T> {
	return z
		.custom<() => T>((value) => typeof value === 'function', `expects a ${kind.name} to be called`)
		.meta({ component: kind.name, factory: true });
}

/** What a component gets for `per('task', {…})`: the name of the call and its arguments, as plain data. */
export interface Call {
	readonly call: CallName;
	readonly args: readonly unknown[];
}

/** A parameter that takes a call such as `per('task', {…})`, whose values are those of a schema; join it to others by `z.union`. */
export function call(names: CallName | readonly CallName[], of: z.ZodType): z.ZodCustom<Call, Call> {
	const all = typeof names === 'string' ? [names] : names;
	return z
		.custom<Call>(
			(value) => typeof value === 'object' && value !== null && 'call' in value,
			`expects ${all.join(' or ')}`,
		)
		.meta({ calls: { names: all, of } });
}
