import type { TypeSpec } from './type-spec.ts';

/** One parameter as plain data. */
export interface ParameterInfo {
	readonly name: string;
	readonly type: TypeSpec;
	/** True where neither a default nor leaving it out is allowed. */
	readonly required: boolean;
	/** Absent where there is none, or where it has no plain form (then `required` is false). */
	readonly default?: PlainValue;
	readonly description: string;
	readonly unit?: string;
	readonly aliases: readonly string[];
	readonly free: boolean;
	/** Its default is what there was before the parameter. */
	readonly added?: true;
	/** The schema asks more than `type` says (a refinement or a transformation): only the schema itself can check it. */
	readonly refined: boolean;
}

/** What JSON can hold, for defaults. */
export type PlainValue =
	| null
	| boolean
	| number
	| string
	| readonly PlainValue[]
	| { readonly [key: string]: PlainValue };

/** One component as plain data: what can be known of it without its code. */
export interface ComponentInfo {
	readonly name: string;
	readonly kind: string;
	readonly file: string;
	readonly isClass: boolean;
	readonly description: string;
	readonly parameters: readonly ParameterInfo[];
	/** A rule over several parameters together. */
	readonly refined: boolean;
}

/** What a selector names. */
export type Selected =
	| { readonly found: ComponentInfo; readonly candidates?: undefined }
	/** None (no candidates) or several. */
	| { readonly found?: undefined; readonly candidates: readonly string[] };

/** Components by name and by any dotted suffix of a name. */
export class Catalog {
	readonly #byName = new Map<string, ComponentInfo>();
	readonly #bySuffix = new Map<string, string[]>();

	constructor(components: Iterable<ComponentInfo>) {
		for (const component of components) {
			this.add(component);
		}
	}

	/** Adds a component, or puts a newer description of it in the place of the older. */
	add(component: ComponentInfo): void {
		const isNew = !this.#byName.has(component.name);
		this.#byName.set(component.name, component);
		if (isNew) {
			for (const suffix of suffixes(component.name)) {
				const names = this.#bySuffix.get(suffix);
				if (names === undefined) {
					this.#bySuffix.set(suffix, [component.name]);
				} else {
					names.push(component.name);
				}
			}
		}
	}

	/** An exact name wins; otherwise the one name that ends with the selector. */
	select(selector: string): Selected {
		const exact = this.#byName.get(selector);
		if (exact !== undefined) {
			return { found: exact };
		}
		const candidates = this.#bySuffix.get(selector) ?? [];
		return candidates.length === 1 ? { found: this.#byName.get(candidates[0]!)! } : { candidates };
	}

	/** The complete name behind a selector, where it is one. */
	complete(selector: string): string | undefined {
		return this.select(selector).found?.name;
	}

	/** Sorted by name. */
	all(kind?: string): ComponentInfo[] {
		return [...this.#byName.values()]
			.filter((component) => kind === undefined || component.kind === kind)
			.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	names(kind?: string): string[] {
		return this.all(kind).map(({ name }) => name);
	}
}

/** The parameter of that name or alias. */
export function parameterOf(component: ComponentInfo, name: string): ParameterInfo | undefined {
	return (
		component.parameters.find((parameter) => parameter.name === name) ??
		component.parameters.find(({ aliases }) => aliases.includes(name))
	);
}

function suffixes(name: string): string[] {
	const parts = name.split('.');
	return parts.map((_, index) => parts.slice(index).join('.'));
}
