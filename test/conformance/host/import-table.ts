import type { ImportStatement } from '../../../src/gin/ast.ts';
import { builtin } from '../../../src/gin/model/builtins.ts';
import { compareText } from '../../../src/gin/order.ts';
import type { Configurable } from './configurable.ts';
import { boundName, importedName } from './imports.ts';
import type { State } from './state.ts';

/** The import lines of a printed config, and how selectors are spelled under them. */
export class ImportTable {
	readonly #state: State;
	readonly #imports: ImportStatement[] = [];
	/** How each imported module is spelled. */
	readonly #spelling = new Map<string, string>();
	readonly #names = new Set<string>();
	readonly isDynamic: boolean;

	constructor(state: State) {
		this.#state = state;
		this.isDynamic = state.imports.some((statement) => importedName(statement) === '__gin__.dynamic_registration');
		const sorted = state.imports.toSorted(
			(a, b) =>
				compareText(importedName(a), importedName(b)) ||
				Number(a.member === undefined) - Number(b.member === undefined),
		);
		for (const statement of sorted) {
			this.#add(statement);
		}
	}

	/** Sorted by module. */
	get statements(): ImportStatement[] {
		return this.#imports.toSorted((a, b) => compareText(importedName(a), importedName(b)));
	}

	/** Makes sure that a configurable can be spelled; only dynamic registration needs an import for it. */
	require(configurable: Configurable): void {
		if (!this.isDynamic || configurable.selector === builtin.macro) {
			return;
		}
		const { importSource, target } = configurable;
		if (importSource !== undefined) {
			this.#add(importSource[0]);
		} else if (target.module !== undefined) {
			this.#add(importOf(target.module));
		}
	}

	/** The shortest spelling of a configurable. */
	spell(configurable: Configurable): string {
		if (this.isDynamic) {
			const [module, path] =
				configurable.importSource === undefined
					? [configurable.target.module ?? '', configurable.target.name]
					: [importedName(configurable.importSource[0]), configurable.importSource[1]];
			return `${this.#spelling.get(module) ?? module}.${path}`;
		}
		const minimal = this.#state.registry.minimal(configurable.selector);
		return configurable.isMethod && !minimal.includes('.')
			? configurable.selector.split('.').slice(-2).join('.')
			: minimal;
	}

	#add(given: ImportStatement): void {
		const module = importedName(given);
		if (this.#spelling.has(module)) {
			return;
		}
		let unique = boundName(given);
		for (let number = 2; this.#names.has(unique); number++) {
			unique = `${boundName(given)}${number}`;
		}
		const statement = unique === boundName(given) ? given : { ...given, alias: unique };
		const isPlain = statement.member === undefined && statement.alias === undefined;
		this.#spelling.set(module, isPlain ? module : boundName(statement));
		this.#names.add(boundName(statement));
		this.#imports.push(statement);
	}
}

function importOf(module: string): ImportStatement {
	const dot = module.lastIndexOf('.');
	const span = { source: { name: '', kind: 'text', text: '' }, start: 0, end: 0 } as const;
	const names =
		dot === -1 ? { module, member: undefined } : { module: module.slice(0, dot), member: module.slice(dot + 1) };
	return { type: 'import', ...names, isFile: false, alias: undefined, span };
}
