/**
 * The syntax tree of a .gin text: statements, values and where each of them stands.
 *
 * Nothing here knows of classes, tensors or the file system.
 */

import type { Span } from '../core/span.ts';
import type { CallName } from './extension-calls.ts';

export type { Source, Span } from '../core/span.ts';

/** A whole number keeps its exact value: a `number` while it is a safe integer, a `bigint` beyond. */
export interface IntValue {
	readonly type: 'int';
	readonly value: number | bigint;
	readonly span?: Span;
}

/** A number written with a point or an exponent; stays a float even when integral. */
export interface FloatValue {
	readonly type: 'float';
	readonly value: number;
	readonly span?: Span;
}

export interface NoneValue {
	readonly type: 'none';
	readonly span?: Span;
}

export interface BoolValue {
	readonly type: 'bool';
	readonly value: boolean;
	readonly span?: Span;
}

export interface StringValue {
	readonly type: 'string';
	readonly value: string;
	/** The `env()` that it was read for. */
	readonly from?: EnvValue;
	readonly span?: Span;
}

/** Python bytes; no component accepts them. */
export interface BytesValue {
	readonly type: 'bytes';
	readonly value: Uint8Array;
	readonly span?: Span;
}

/** A Python imaginary literal; no component accepts it. */
export interface ComplexValue {
	readonly type: 'complex';
	readonly real: number;
	readonly imaginary: number;
	readonly span?: Span;
}

export interface ListValue {
	readonly type: 'list';
	readonly items: readonly Value[];
	readonly span?: Span;
}

export interface TupleValue {
	readonly type: 'tuple';
	readonly items: readonly Value[];
	readonly span?: Span;
}

/** Entries in the order written, one per key (Python equality: 1 == True == 1.0). */
export interface DictValue {
	readonly type: 'dict';
	readonly entries: ReadonlyArray<readonly [key: Value, value: Value]>;
	/** Values that a later entry of an equal key replaced, where there are any. */
	readonly dropped?: readonly Value[];
	readonly span?: Span;
}

/** `@scope/selector` or, evaluated, `@scope/selector()`. */
export interface ReferenceValue {
	readonly type: 'reference';
	/** `a/b`, or the empty string. */
	readonly scope: string;
	/** As written: any dotted suffix of a complete name. */
	readonly selector: string;
	readonly evaluate: boolean;
	readonly span?: Span;
}

/** `%scope/name`: a macro or a constant. */
export interface MacroValue {
	readonly type: 'macro';
	readonly scope: string;
	/** May hold dots (`%params.z_dim`, or a constant's `%module.NAME`). */
	readonly name: string;
	readonly span?: Span;
}

/** `env('NAME', default)`, not in gin: the only way in for the environment. */
export interface EnvValue {
	readonly type: 'env';
	readonly name: string;
	readonly fallback: Value | undefined;
	readonly span?: Span;
}

/** `grid([1, 2])`, not in gin: one of a closed list of calls, data that the place where it stands knows how to use. */
export interface CallValue {
	readonly type: 'call';
	readonly name: CallName;
	readonly args: readonly Value[];
	readonly span?: Span;
}

export type Value =
	| IntValue
	| FloatValue
	| NoneValue
	| BoolValue
	| StringValue
	| BytesValue
	| ComplexValue
	| ListValue
	| TupleValue
	| DictValue
	| ReferenceValue
	| MacroValue
	| EnvValue
	| CallValue;

/**
 * Statements in the order of their text, each made anew whenever it is asked for: so that a text of a million lines takes
 * a few numbers per line, and not a tree of objects that stays in memory. Keep what you need more than once.
 */
export interface Statements<T> extends Iterable<T> {
	readonly length: number;
	/** A negative index counts from the end, as in an array. */
	at(index: number): T | undefined;
	slice(start?: number, end?: number): T[];
	map<R>(change: (item: T) => R): R[];
}

/** `scope/selector.parameter = value`; a line in a block has the block's scope and selector. */
export interface BindingStatement {
	readonly type: 'binding';
	readonly scope: string;
	readonly selector: string;
	readonly parameter: string;
	/** `|=` (not in gin) merges a dict or appends to a list. */
	readonly operator: '=' | '|=';
	readonly value: Value;
	readonly span: Span;
	/** The text left of the operator. */
	readonly key: Span;
}

/** `scope/name = value`. With extensions the name may be dotted where no component of that name exists; see the docs. */
export interface MacroStatement {
	readonly type: 'macro';
	readonly scope: string;
	readonly name: string;
	readonly operator: '=' | '|=';
	readonly value: Value;
	readonly span: Span;
	readonly key: Span;
}

/** `scope/selector:` and its indented lines. */
export interface BlockStatement {
	readonly type: 'block';
	readonly scope: string;
	readonly selector: string;
	readonly bindings: Statements<BindingStatement>;
	readonly span: Span;
	readonly key: Span;
}

export interface IncludeStatement {
	readonly type: 'include';
	readonly path: string;
	readonly span: Span;
}

/** `import a.b [as c]`, `from a.b import c [as d]`; with extensions also `import './file.ts'`. */
export interface ImportStatement {
	readonly type: 'import';
	/** Dotted module name, or for a file import the path as written. */
	readonly module: string;
	readonly isFile: boolean;
	/** The imported name of a `from` form. */
	readonly member: string | undefined;
	readonly alias: string | undefined;
	readonly span: Span;
}

/** `extends 'base.gin'`, not in gin: include plus a named parent; the first statement only. */
export interface ExtendsStatement {
	readonly type: 'extends';
	readonly path: string;
	readonly span: Span;
}

/** `use group = 'choice'`, not in gin: loads `<group>/<choice>.gin`; a later `use` of the group replaces the choice. */
export interface UseStatement {
	readonly type: 'use';
	readonly group: string;
	readonly choice: StringValue | EnvValue;
	readonly span: Span;
}

/** `unset scope/selector.parameter` or `unset macro`, not in gin: removes an earlier binding. */
export interface UnsetStatement {
	readonly type: 'unset';
	readonly scope: string;
	readonly selector: string;
	/** Empty for a macro. */
	readonly parameter: string;
	readonly span: Span;
}

export type Statement =
	| BindingStatement
	| MacroStatement
	| BlockStatement
	| IncludeStatement
	| ImportStatement
	| ExtendsStatement
	| UseStatement
	| UnsetStatement;
