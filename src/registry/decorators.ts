import 'reflect-metadata';
import type { ComponentClass, ComponentFunction, Parameters } from './declaration.ts';
import type { Kind } from './kinds.ts';
import { callerFile, declared } from './registry.ts';

/**
 * The decorator of a kind: `export const model = decorator(modelKind)`, then `@model('mlp', parameters) class Mlp …`.
 *
 * The class' first constructor parameter is the parsed parameters; if its type disagrees with the zod object, the
 * class does not compile (TS1238). Services follow as `@inject(Streams) streams: Streams`.
 */
export function decorator<T>(kind: Kind<T>) {
	return <S extends Parameters>(name: string, parameters: S) =>
		<C extends ComponentClass<S, T>>(target: C): void => {
			declared.add({ name, kind, parameters: strictly(parameters), target, isClass: true, file: callerFile() });
		};
}

/** Declares a function of a kind under a name and returns it unchanged. */
export function declareFunction<T, S extends Parameters, F extends ComponentFunction<S, T>>(
	kind: Kind<T>,
	name: string,
	parameters: S,
	target: F,
): F {
	declared.add({ name, kind, parameters: strictly(parameters), target, isClass: false, file: callerFile() });
	return target;
}

// A strict copy of a zod object starts without the description of the original.
function strictly<S extends Parameters>(parameters: S): Parameters {
	return parameters.strict().meta(parameters.meta() ?? {});
}
