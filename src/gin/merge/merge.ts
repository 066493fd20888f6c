import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { Assignment } from '../assignment.ts';
import type { Span, UnsetStatement } from '../ast.ts';
import { problemAt } from '../problem.ts';
import { visitValue } from '../values.ts';
import { bindingOf, type Cell, joinedValue, macroOf, pathOf } from './cell.ts';
import type { Gathered, Line } from './gather.ts';
import { canJoin, isJoinable } from './join.ts';
import type { ComponentOf, Merged, MergedBinding, MergedMacro } from './merged.ts';

/** Applies the lines in order: the last one wins, `|=` joins, `unset` removes. */
export function merge(gathered: Gathered, component?: ComponentOf): Merged {
	const table = new Table(component, dottedUses(gathered.lines));
	for (const line of gathered.lines) {
		table.apply(line);
	}
	return {
		bindings: table.bindings(),
		macros: table.macros(),
		files: gathered.files,
		imports: gathered.imports,
		chain: gathered.chain,
		uses: gathered.uses,
		environment: gathered.environment,
		problems: [...gathered.problems, ...table.problems],
		broken: gathered.broken,
	};
}

/** Deeper scopes are refused by whoever knows the components; climbing out of them takes too long. */
const deepestScope = 100;

/** So many problems come with a suggestion. */
const hintedProblems = 20;

class Table {
	readonly #component: ComponentOf | undefined;
	/** Every dotted name that some `%name` uses. */
	readonly #dotted: ReadonlySet<string>;
	readonly #bindings = new Map<string, Cell>();
	readonly #macros = new Map<string, Cell>();
	readonly #complete = new Map<string, string | undefined>();
	readonly problems: Problem[] = [];

	constructor(component: ComponentOf | undefined, dotted: ReadonlySet<string>) {
		this.#component = component;
		this.#dotted = dotted;
	}

	apply(line: Line): void {
		if (!(line instanceof Assignment)) {
			this.#unset(line);
			return;
		}
		if (line.isMacro) {
			this.#set(this.#macros, line, line.path, line.selector, '');
			return;
		}
		const { selector, parameter } = line;
		if (this.#isDottedMacro(selector, parameter)) {
			this.#set(this.#macros, line, line.path, `${selector}.${parameter}`, '');
			return;
		}
		const complete = this.#completed(selector) ?? selector;
		const path = complete === selector ? line.path : pathOf(line.scope, complete, parameter);
		this.#set(this.#bindings, line, path, complete, parameter);
	}

	bindings(): MergedBinding[] {
		return Array.from(this.#bindings.values(), bindingOf);
	}

	macros(): MergedMacro[] {
		return Array.from(this.#macros.values(), macroOf);
	}

	#set(cells: Map<string, Cell>, line: Assignment, path: string, selector: string, parameter: string): void {
		const old = cells.get(path);
		if (line.merges) {
			this.#join(cells, line, path, selector, parameter);
		} else if (old === undefined) {
			cells.set(path, { line, parts: undefined, selector, parameter, ontoDefault: false, overrode: undefined });
		} else {
			old.overrode ??= [];
			old.overrode.push({ line: old.line, parts: old.parts });
			old.parts = undefined;
			old.line = line;
			old.ontoDefault = false;
		}
	}

	#join(cells: Map<string, Cell>, line: Assignment, path: string, selector: string, parameter: string): void {
		const old = cells.get(path);
		const earlier = old ?? inherited(cells, line.scope, selector, parameter);
		if (!this.#canJoin(line, earlier)) {
			return;
		}
		if (old === undefined) {
			const parts = earlier === undefined ? undefined : [joinedValue(earlier), line.value];
			const ontoDefault = earlier === undefined || earlier.ontoDefault;
			cells.set(path, { line, parts, selector, parameter, ontoDefault, overrode: undefined });
			return;
		}
		old.overrode ??= [];
		old.overrode.push({ line: old.line, parts: undefined });
		old.parts ??= [old.line.value];
		old.parts.push(line.value);
		old.line = line;
	}

	#canJoin({ value, span }: Assignment, earlier: Cell | undefined): boolean {
		if (!isJoinable(value)) {
			this.#problem('config.join_type', value.span ?? span, '"|=" takes a dict or a list');
			return false;
		}
		const before = earlier === undefined ? undefined : (earlier.parts?.[0] ?? earlier.line.value);
		if (before === undefined || canJoin(before, value)) {
			return true;
		}
		const message = `"|=" cannot join this ${value.type} to what is bound before, of type ${before.type}`;
		this.#problem('config.join_type', span, message);
		return false;
	}

	#unset(line: UnsetStatement): void {
		const { scope, selector, parameter } = line;
		const name = parameter === '' ? selector : `${selector}.${parameter}`;
		const complete = this.#completed(selector) ?? selector;
		const isGone =
			(parameter !== '' && this.#bindings.delete(pathOf(scope, complete, parameter))) ||
			this.#macros.delete(pathOf(scope, name, ''));
		if (!isGone) {
			const legal = () => [...this.#bindings.values(), ...this.#macros.values()].map(nameOf);
			const wanted = scope === '' ? name : `${scope}/${name}`;
			// Looking for near names takes time, and nobody reads them beyond the first few.
			const hint = this.problems.length < hintedProblems ? didYouMean(wanted, legal()) : '';
			const message = `nothing binds "${wanted}" before this line.${hint}`;
			this.#problem('config.unset_unbound', line.span, message);
		}
	}

	#isDottedMacro(selector: string, parameter: string): boolean {
		return (
			this.#dotted.size > 0 && this.#dotted.has(`${selector}.${parameter}`) && this.#completed(selector) === undefined
		);
	}

	#completed(selector: string): string | undefined {
		if (this.#component === undefined) {
			return undefined;
		}
		let complete = this.#complete.get(selector);
		if (complete === undefined && !this.#complete.has(selector)) {
			complete = this.#component(selector);
			this.#complete.set(selector, complete);
		}
		return complete;
	}

	#problem(code: string, span: Span, message: string): void {
		this.problems.push(problemAt(code, span, message));
	}
}

// `a/b/f.x |= …` adds to what holds in a/b so far: the binding of the nearest enclosing scope.
function inherited(cells: Map<string, Cell>, scope: string, selector: string, parameter: string): Cell | undefined {
	let outer = scope;
	for (let level = 0; outer !== '' && level < deepestScope; level++) {
		outer = outer.slice(0, Math.max(0, outer.lastIndexOf('/')));
		const cell = cells.get(pathOf(outer, selector, parameter));
		if (cell !== undefined) {
			return cell;
		}
	}
	return undefined;
}

function nameOf({ line, selector, parameter }: Cell): string {
	return pathOf(line.scope, selector, parameter);
}

// Texts without any are not looked at: that would mean to read every value.
function dottedUses(lines: readonly Line[]): Set<string> {
	const names = new Set<string>();
	if (!lines.some((line) => line instanceof Assignment && line.isAmongDottedMacros)) {
		return names;
	}
	for (const line of lines) {
		if (line instanceof Assignment) {
			visitValue(line.value, (value) => {
				if (value.type === 'macro' && value.name.includes('.')) {
					names.add(value.name);
				}
			});
		}
	}
	return names;
}
