import type { Names } from './names.ts';

/** What gin itself registers. */
export const builtin = {
	/** `%x` is `@x/gin.macro()`; `x = 1` binds its `value` in the scope `x`. */
	macro: 'gin.macro',
	/** `%x` is `@module.x/gin.constant()` where a constant is called so. */
	constant: 'gin.constant',
	/** `@key/gin.singleton()`: one object per key, made by its `constructor`. */
	singleton: 'gin.singleton',
} as const;

/** The parameters of the builtins. */
export const builtinParameters: Readonly<Record<string, readonly string[]>> = {
	[builtin.macro]: ['value'],
	[builtin.constant]: [],
	[builtin.singleton]: ['constructor'],
};

/** Whether a complete name is one of gin's own. */
export function isBuiltin(name: string): boolean {
	return Object.hasOwn(builtinParameters, name);
}

/** Adds gin's own names: they are selected, and can be ambiguous, like any other. */
export function addBuiltins<Entry>(
	names: Names<Entry>,
	make: (name: string, parameters: readonly string[]) => Entry,
): void {
	for (const [name, parameters] of Object.entries(builtinParameters)) {
		names.set(name, make(name, parameters));
	}
}
