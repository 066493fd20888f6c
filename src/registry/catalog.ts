import { addBuiltins } from '../gin/model/builtins.ts';
import type { Vocabulary } from '../gin/model/cells.ts';
import { Names, type Selected } from '../gin/model/names.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

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
	/** Components in a list are of different names or scopes. */
	readonly distinct?: true;
	/** Its texts are paths: relative ones mean the folder of the file that binds them. */
	readonly path?: true;
	/** Its text is the name of a column. */
	readonly column?: true;
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
	/** Other names of it. */
	readonly aliases?: readonly string[];
	/** What may stand before its name: the folder of its kind, or the file's name. */
	readonly module?: string;
	readonly file: string;
	readonly isClass: boolean;
	readonly description: string;
	readonly parameters: readonly ParameterInfo[];
	/** A rule over several parameters together. */
	readonly refined: boolean;
	/** The columns that it adds to the rows of a run; absent where only its code knows. */
	readonly columns?: readonly ColumnInfo[];
}

/** A column as its component declares it. */
export interface ColumnInfo {
	/** `{k}` stands for the value of the parameter `k`. */
	readonly name: string;
	/** The parameter without which (0, False, None) there is no such column. */
	readonly when?: string;
}

/** The kind of gin's own macro, constant and singleton, which no list of components shows. */
const ginKind = 'gin';

/**
 * Components by name, by another name of theirs, and by any dotted suffix: `mlp`, `models.mlp`. gin's own names are among
 * them.
 */
export class Catalog implements Vocabulary {
	readonly #names = new Names<ComponentInfo>();
	/** Other names of components: aliases, and names behind the module that declares them. */
	readonly #others = new Names<string>();

	constructor(components: Iterable<ComponentInfo>) {
		addBuiltins(this.#names, ginComponent);
		for (const component of components) {
			this.add(component);
		}
	}

	/** Adds a component, or puts a newer description of it in the place of the older. */
	add(component: ComponentInfo): void {
		const { name, module, aliases = [] } = component;
		this.#names.set(name, component);
		for (const own of aliases) {
			this.#others.set(own, name);
		}
		if (module !== undefined) {
			this.qualify(name, module);
		}
	}

	/** Lets `module.name` mean a component. */
	qualify(name: string, module: string): void {
		const { aliases = [] } = this.#names.get(name)!;
		for (const own of [name, ...aliases]) {
			this.#others.set(`${module}.${own}`, name);
		}
	}

	/** An exact name wins; otherwise the one component of which some name ends with the selector. */
	select(selector: string): Selected<ComponentInfo> {
		const exact = this.#names.get(selector) ?? this.#names.get(this.#others.get(selector) ?? '');
		if (exact !== undefined) {
			return { name: exact.name, found: exact };
		}
		const others = this.#others.matching(selector).map((name) => this.#others.get(name)!);
		const names = [...new Set([...this.#names.matching(selector), ...others])];
		return names.length === 1 ? { name: names[0]!, found: this.#names.get(names[0]!)! } : { candidates: names };
	}

	/** The shortest name that means this component alone. */
	minimal(name: string): string {
		return this.#names.minimal(name);
	}

	/** The component that a selector names; undefined where it names none, several, or something of gin itself. */
	component(selector: string): ComponentInfo | undefined {
		const { found } = this.select(selector);
		return found?.kind === ginKind ? undefined : found;
	}

	/** The own name of a parameter, where it is written by another one. */
	parameter(component: string, written: string): string {
		const info = this.#names.get(component);
		return (info === undefined ? undefined : parameterOf(info, written)?.name) ?? written;
	}

	/** Sorted by name. */
	all(kind?: string): ComponentInfo[] {
		return Array.from(this.#names.entries(), ([, component]) => component)
			.filter((component) => (kind === undefined ? component.kind !== ginKind : component.kind === kind))
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

function ginComponent(name: string, parameters: readonly string[]): ComponentInfo {
	const parameter = (own: string): ParameterInfo => ({
		name: own,
		type: anyType,
		required: true,
		description: '',
		aliases: [],
		free: false,
		refined: false,
	});
	const about = { file: 'gin', isClass: false, description: '', refined: false };
	return { name, kind: ginKind, ...about, parameters: parameters.map(parameter) };
}
