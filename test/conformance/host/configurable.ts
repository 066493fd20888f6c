import type { ImportStatement } from '../../../src/gin/ast.ts';
import type { CallArguments, Datum } from './data.ts';
import type { Signature } from './signature.ts';

/** The function or class underneath: its identity decides whether two registrations are of the same thing. */
export interface Target {
	/** Its own name and defining module, for messages and for printing with dynamic registration. */
	readonly name: string;
	readonly module: string | undefined;
	readonly signature: Signature;
	/** The methods of a class, for attribute paths of dynamic registration. */
	readonly methods?: ReadonlyMap<string, Target>;
	/**
	 * Runs it with the final arguments. `configurable` is undefined in a direct call that nothing is injected into;
	 * `scopes` are those of the reference that is called.
	 */
	readonly run: (
		call: CallArguments,
		configurable?: Configurable | undefined,
		scopes?: readonly string[] | undefined,
	) => Datum;
}

/** Something registered under a complete selector. */
export interface Configurable {
	readonly name: string;
	readonly module: string | undefined;
	readonly selector: string;
	/** The selector of its first registration; a method gets another with its class. */
	readonly firstSelector: string;
	readonly target: Target;
	readonly allowlist: readonly string[];
	readonly denylist: readonly string[];
	readonly isMethod: boolean;
	/** Defaults that may be bound and have a literal form. */
	readonly shownDefaults: ReadonlyMap<string, Datum>;
	/** The import that made it, with the rest of its attribute path: dynamic registration only. */
	readonly importSource: readonly [statement: ImportStatement, path: string] | undefined;
}

/** The parameters that may be bound, and what the name is taken from. */
export interface Registration {
	/** A name, or names joined by dots; the target's name if left out. */
	readonly name?: string | undefined;
	/** The target's module if left out (and the name has no dots). */
	readonly module?: string | undefined;
	readonly allowlist?: unknown;
	readonly denylist?: unknown;
	readonly isMethod?: boolean;
	readonly importSource?: Configurable['importSource'];
}
