import type { ReferenceValue, Value } from '../gin/ast.ts';
import type { Types } from '../gin/model/meaning.ts';
import { splitScope } from '../gin/model/scopes.ts';
import type { Catalog } from './catalog.ts';
import { entryType, itemType } from './plain.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

type ComponentType = Extract<TypeSpec, { type: 'component' }>;

/** Every component kind that a type takes. */
export function componentParts(type: TypeSpec): ComponentType[] {
	return optionsOf(type).filter((option) => option.type === 'component');
}

/** The options of a union; another type is its only one. */
export function optionsOf(type: TypeSpec): readonly TypeSpec[] {
	return type.type === 'union' ? type.options : [type];
}

/** The kind among those of a type that a component is of, else the first. */
export function partFor(type: TypeSpec, kind: string | undefined): ComponentType | undefined {
	const parts = componentParts(type);
	return parts.find((part) => part.kind === kind) ?? parts[0];
}

/** The places of values as the components declare them. `'mlp'` and `@mlp()` mean the same where a component is wanted. */
export function typesOf(catalog: Catalog): Types<TypeSpec> {
	return {
		any: anyType,
		item: (type, index, whole) => itemType(type, index, whole),
		entry: (type, key, whole) => entryType(type, key, whole),
		named: (type, text) => namedIn(type, text, catalog),
	};
}

function namedIn(
	type: TypeSpec,
	text: string,
	catalog: Catalog,
): Pick<ReferenceValue, 'scope' | 'selector' | 'evaluate'> | undefined {
	if (takesText(type, text)) {
		return undefined;
	}
	const [scope, selector] = splitScope(text);
	const part = partFor(type, catalog.component(selector)?.kind);
	return part === undefined ? undefined : { scope, selector, evaluate: !part.factory };
}

function takesText(type: TypeSpec, text: string): boolean {
	return optionsOf(type).some(
		(option) =>
			option.type === 'any' || option.type === 'string' || (option.type === 'choice' && option.values.includes(text)),
	);
}

/** Whether a value has the outer form of a type, whatever is inside it. */
export function isOuter(value: Value, option: TypeSpec): boolean {
	switch (option.type) {
		case 'int':
			return value.type === 'int';
		case 'float':
			return value.type === 'int' || value.type === 'float';
		case 'list':
		case 'tuple':
			return value.type === 'list' || value.type === 'tuple';
		case 'dict':
		case 'object':
			return value.type === 'dict';
		case 'string':
			return value.type === 'string';
		case 'choice':
			return value.type === 'string' && option.values.some((legal) => typeof legal === 'string');
		default:
			return false;
	}
}
