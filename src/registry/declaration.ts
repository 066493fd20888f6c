import type { z } from 'zod';
import type { Kind } from './kinds.ts';

/** The zod object that declares a component's parameters: name, type, range, default and description of each. */
export type Parameters = z.ZodObject;

/** A class whose constructor takes the parsed parameters first and injected services after them. */
// biome-ignore lint/suspicious/noExplicitAny: services are typed by the class itself
export type ComponentClass<S extends Parameters, T> = new (parameters: z.output<S>, ...services: any[]) => T;

/** A function with declared parameters; services come in one object after them. */
// biome-ignore lint/suspicious/noExplicitAny: services are typed by the function itself
export type ComponentFunction<S extends Parameters, T> = (parameters: z.output<S>, ...services: any[]) => T;

/** What a decorator recorded: one named component. */
export interface Declaration {
	readonly name: string;
	readonly kind: Kind<unknown>;
	readonly parameters: Parameters;
	/** The class or function itself. */
	// biome-ignore lint/suspicious/noExplicitAny: called only by the container, with checked arguments
	readonly target: any;
	readonly isClass: boolean;
	/** The file that declares it, for messages; `unknown` where the stack does not tell. */
	readonly file: string;
}
