import type { ImportStatement, Span } from '../ast.ts';
import type { Configurable, Target } from './configurable.ts';
import { type Datum, required } from './data.ts';
import type { ImportTable } from './import-table.ts';
import { SelectorMap } from './selector-map.ts';

/** What one configurable is bound to in one scope. */
export interface Section {
	readonly scope: string;
	readonly selector: string;
	readonly values: Map<string, Datum>;
	/** Where each value was set; absent where code set it. */
	readonly origins: Map<string, Span>;
}

/** Sections by `scope selector`, in the order in which each was begun. */
export type Sections = Map<string, Section>;

/** What a module gives to dynamic registration. */
export interface ModuleObject {
	readonly name: string;
	attribute(name: string): ModuleObject | Target | undefined;
}

/** What a config needs from outside. */
export interface ConfigHost {
	/** The text of a file, or undefined where there is none. */
	readFile(path: string): string | undefined;
	/** Imports a module; throws a GinError of code `import_error` if there is none. */
	importModule(name: string): ModuleObject;
}

/** A hook's bindings: keys as in `bind`. */
export type Hook = () => ReadonlyMap<string, Datum> | undefined;

/** The imports and symbols of the text being parsed. */
export interface ParseContext {
	readonly imports: ImportStatement[];
	readonly symbols: Map<
		string,
		{ readonly value: ModuleObject | Target; readonly source: ImportStatement | undefined }
	>;
	isDynamic: boolean;
	/** Set while a config is printed. */
	readonly printing: ImportTable | undefined;
}

/** Everything one config holds; several live side by side. */
export class State {
	readonly registry = new SelectorMap<Configurable>();
	readonly byTarget = new Map<Target, Configurable>();
	/** Complete selectors that a class registration gave to its methods. */
	readonly renamed = new Map<string, string>();
	readonly constants = new SelectorMap<Datum>();
	readonly config: Sections = new Map();
	readonly operative: Sections = new Map();
	readonly imports: ImportStatement[] = [];
	readonly singletons = new Map<string, Datum>();
	readonly hooks: Hook[] = [];
	readonly searchPath: string[] = [''];
	readonly contexts: ParseContext[] = [newContext()];
	readonly scopes: string[][] = [[]];
	isLocked = false;
	isInteractive = false;
	/** How deep calls and includes are nested. */
	depth = 0;

	constructor(readonly host: ConfigHost) {
		this.constants.set('gin.REQUIRED', required);
	}

	get scope(): readonly string[] {
		return this.scopes.at(-1)!;
	}

	get context(): ParseContext {
		return this.contexts.at(-1)!;
	}
}

/** A text that has imported nothing. */
export function newContext(printing?: ImportTable): ParseContext {
	return { imports: [], symbols: new Map(), isDynamic: false, printing };
}

/** The section of a configurable in a scope, begun if there is none. */
export function openSection(sections: Sections, scope: string, selector: string): Section {
	const id = sectionId(scope, selector);
	let section = sections.get(id);
	if (section === undefined) {
		section = { scope, selector, values: new Map(), origins: new Map() };
		sections.set(id, section);
	}
	return section;
}

/** The key of a section. */
export function sectionId(scope: string, selector: string): string {
	return `${scope} ${selector}`;
}
