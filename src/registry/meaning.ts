import type { Span, Value } from '../gin/ast.ts';
import type { Catalog } from './catalog.ts';
import type { TypeSpec } from './type-spec.ts';

/** A component that a value asks for, whether written as a reference or as a name. */
export interface Wanted {
	/** Empty where the active scope counts. */
	readonly scope: string;
	readonly selector: string;
	readonly evaluate: boolean;
	readonly kind: string | undefined;
	readonly span: Span | undefined;
}

/** The component kind that a type takes, if it takes one. */
export function componentPart(type: TypeSpec): Extract<TypeSpec, { type: 'component' }> | undefined {
	const parts = componentParts(type);
	return parts[0];
}

/** Every component kind that a type takes. */
export function componentParts(type: TypeSpec): Array<Extract<TypeSpec, { type: 'component' }>> {
	const options = type.type === 'union' ? type.options : [type];
	return options.filter((option) => option.type === 'component');
}

/** The component that a value of a type asks for; undefined for plain data. `'mlp'` and `@mlp()` mean the same. */
export function wanted(value: Value, type: TypeSpec, catalog: Catalog): Wanted | undefined {
	if (value.type === 'reference') {
		const { scope, selector, evaluate, span } = value;
		return { scope, selector, evaluate, kind: kindFor(type, selector, catalog)?.kind, span };
	}
	if (value.type !== 'string' || takesString(type, value.value)) {
		return undefined;
	}
	const slash = value.value.lastIndexOf('/');
	const selector = value.value.slice(slash + 1);
	const part = kindFor(type, selector, catalog);
	return part === undefined
		? undefined
		: {
				scope: value.value.slice(0, Math.max(0, slash)),
				selector,
				evaluate: !part.factory,
				kind: part.kind,
				span: value.span,
			};
}

function kindFor(
	type: TypeSpec,
	selector: string,
	catalog: Catalog,
): Extract<TypeSpec, { type: 'component' }> | undefined {
	const parts = componentParts(type);
	const kind = catalog.select(selector).found?.kind;
	return parts.find((part) => part.kind === kind) ?? parts[0];
}

function takesString(type: TypeSpec, text: string): boolean {
	const options = type.type === 'union' ? type.options : [type];
	return options.some(
		(option) =>
			option.type === 'any' || option.type === 'string' || (option.type === 'choice' && option.values.includes(text)),
	);
}
