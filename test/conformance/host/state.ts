import type { ImportStatement, Span } from '../../../src/gin/ast.ts';
import type { Cell } from '../../../src/gin/model/cells.ts';
import { Constants, requiredName } from '../../../src/gin/model/constants.ts';
import { isSelector } from '../../../src/gin/model/identifiers.ts';
import { Names } from '../../../src/gin/model/names.ts';
import { Table } from '../../../src/gin/model/table.ts';
import type { Configurable, Target } from './configurable.ts';
import { type Datum, required } from './data.ts';
import { GinError, quoteList } from './gin-error.ts';
import type { ImportTable } from './import-table.ts';

/** What a cell is bound to, and where; code has no place. */
export interface Bound extends Cell {
	readonly value: Datum;
	readonly origin: Span | undefined;
}

/** What calls of one configurable in one scope used. */
export interface Used {
	readonly scope: string;
	readonly selector: string;
	readonly values: Map<string, Datum>;
}

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

/** A text extends the active scope, a list replaces it, undefined or the empty text clears it. */
export type ScopeRequest = string | readonly string[] | undefined;

/** Everything one config holds; several live side by side. */
export class State {
	readonly registry = new Names<Configurable>();
	readonly byTarget = new Map<Target, Configurable>();
	/** Complete selectors that a class registration gave to its methods. */
	readonly renamed = new Map<string, string>();
	readonly constants = new Constants<Datum>();
	readonly config = new Table<Bound>();
	readonly operative = new Map<string, Used>();
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
		this.constants.add(requiredName, required);
	}

	get scope(): readonly string[] {
		return this.scopes.at(-1)!;
	}

	get context(): ParseContext {
		return this.contexts.at(-1)!;
	}

	/** Everything bound, by scope and configurable in the order in which each was first bound. */
	bound(): Bound[] {
		const sections = new Map<string, Bound[]>();
		for (const bound of this.config.all()) {
			const id = `${bound.scope} ${bound.selector}`;
			const section = sections.get(id);
			if (section === undefined) {
				sections.set(id, [bound]);
			} else {
				section.push(bound);
			}
		}
		return [...sections.values()].flat();
	}

	/** Runs `action` in a scope. */
	inScope<Result>(request: ScopeRequest, action: () => Result): Result {
		const scope =
			request === undefined || request === ''
				? []
				: typeof request === 'string'
					? [...this.scope, ...request.split('/')]
					: [...request];
		if (!scope.every(isSelector)) {
			const message = `Invalid value for \`name_or_scope\`: ${JSON.stringify(request)}.`;
			throw new GinError('bad_scope', 'ValueError', message);
		}
		this.scopes.push(scope);
		try {
			return action();
		} finally {
			this.scopes.pop();
		}
	}

	/** Makes `%name` (or any unique suffix of it) stand for a value, which is handed out uncopied. */
	addConstant(name: string, value: Datum): void {
		const refusal = this.constants.add(name, value, this.isInteractive);
		if (refusal?.reason === 'bad_name') {
			throw new GinError('bad_constant_name', 'ValueError', `Invalid constant selector '${name}'.`);
		}
		if (refusal !== undefined) {
			const message = `Constants matching selector '${name}' already exist (${quoteList(refusal.by)}).`;
			throw new GinError('duplicate_constant', 'ValueError', message);
		}
	}

	/** Drops bindings, imports, singletons and the record of calls, and unlocks; constants only if asked. */
	clear(clearConstants: boolean): void {
		this.isLocked = false;
		this.config.clear();
		this.singletons.clear();
		if (clearConstants) {
			this.constants.clear();
			this.constants.add(requiredName, required);
		}
		this.imports.length = 0;
		this.operative.clear();
	}
}

/** A text that has imported nothing. */
export function newContext(printing?: ImportTable): ParseContext {
	return { imports: [], symbols: new Map(), isDynamic: false, printing };
}
