import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { BindingStatement, MacroStatement, Span, UnsetStatement, Value } from '../ast.ts';
import { problemAt } from '../problem.ts';
import { visitValue } from '../values.ts';
import type { Gathered, Line } from './gather.ts';
import { canJoin, isJoinable, joinAll } from './join.ts';
import type { ComponentOf, Merged, MergedBinding, MergedMacro, Replaced } from './merged.ts';

/** Applies the lines in order: the last one wins, `|=` joins, `unset` removes. */
export function merge(gathered: Gathered, component: ComponentOf): Merged {
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

/** One binding or macro; for a macro `selector` is its name and `parameter` is empty. */
interface Cell {
	readonly scope: string;
	readonly selector: string;
	readonly parameter: string;
	written: string;
	/** One value, or those that `|=` adds to each other: joined only when asked for, so that many lines stay cheap. */
	parts: Value[];
	span: Span;
	key: Span;
	ontoDefault: boolean;
	/** Oldest first. */
	overrode: Replaced[] | undefined;
}

/** Deeper scopes are refused by whoever knows the components; climbing out of them takes too long. */
const deepestScope = 100;

/** So many problems come with a suggestion. */
const hintedProblems = 20;

class Table {
	readonly #component: ComponentOf;
	/** Every dotted name that some `%name` uses. */
	readonly #dotted: ReadonlySet<string>;
	readonly #bindings = new Map<string, Cell>();
	readonly #macros = new Map<string, Cell>();
	readonly #complete = new Map<string, string | undefined>();
	readonly problems: Problem[] = [];

	constructor(component: ComponentOf, dotted: ReadonlySet<string>) {
		this.#component = component;
		this.#dotted = dotted;
	}

	apply(line: Line): void {
		if (line.type === 'unset') {
			this.#unset(line);
		} else if (line.type === 'binding' && !this.#isDottedMacro(line)) {
			const selector = this.#completed(line.selector) ?? line.selector;
			this.#set(this.#bindings, line, selector, line.parameter, line.selector);
		} else {
			const name = line.type === 'binding' ? `${line.selector}.${line.parameter}` : line.name;
			this.#set(this.#macros, line, name, '', name);
		}
	}

	bindings(): MergedBinding[] {
		return Array.from(this.#bindings.values(), (cell) => {
			const { scope, selector, written, parameter, span, key, ontoDefault } = cell;
			const value = joinedValue(cell);
			return { scope, selector, written, parameter, value, span, key, overrode: latestFirst(cell), ontoDefault };
		});
	}

	macros(): MergedMacro[] {
		return Array.from(this.#macros.values(), (cell) => {
			const { scope, selector, span, key } = cell;
			return { scope, name: selector, value: joinedValue(cell), span, key, overrode: latestFirst(cell) };
		});
	}

	#set(
		cells: Map<string, Cell>,
		line: BindingStatement | MacroStatement,
		selector: string,
		parameter: string,
		written: string,
	): void {
		const { scope, span, key } = line;
		const id = cellId(scope, selector, parameter);
		const old = cells.get(id);
		const isJoin = line.operator === '|=';
		const earlier = isJoin ? (old ?? inherited(cells, scope, selector, parameter)) : undefined;
		if (isJoin && !this.#canJoin(line, earlier)) {
			return;
		}
		if (old === undefined) {
			const parts = earlier === undefined ? [line.value] : [joinedValue(earlier), line.value];
			const ontoDefault = isJoin && (earlier === undefined || earlier.ontoDefault);
			cells.set(id, { scope, selector, parameter, written, parts, span, key, ontoDefault, overrode: undefined });
			return;
		}
		old.overrode ??= [];
		old.overrode.push({ value: isJoin ? old.parts.at(-1)! : joinedValue(old), span: old.span });
		if (isJoin) {
			old.parts.push(line.value);
		} else {
			old.parts = [line.value];
		}
		old.span = span;
		old.key = key;
		old.written = written;
		old.ontoDefault &&= isJoin;
	}

	#canJoin({ value, span }: BindingStatement | MacroStatement, earlier: Cell | undefined): boolean {
		if (!isJoinable(value)) {
			this.#problem('config.join_type', value.span ?? span, '"|=" takes a dict or a list');
			return false;
		}
		const before = earlier?.parts[0];
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
			(parameter !== '' && this.#bindings.delete(cellId(scope, complete, parameter))) ||
			this.#macros.delete(cellId(scope, name, ''));
		if (!isGone) {
			const legal = () => [...this.#bindings.values(), ...this.#macros.values()].map(nameOf);
			const wanted = scope === '' ? name : `${scope}/${name}`;
			// Looking for near names takes time, and nobody reads them beyond the first few.
			const hint = this.problems.length < hintedProblems ? didYouMean(wanted, legal()) : '';
			const message = `nothing binds "${wanted}" before this line.${hint}`;
			this.#problem('config.unset_unbound', line.span, message);
		}
	}

	#isDottedMacro({ selector, parameter }: BindingStatement): boolean {
		return (
			this.#dotted.size > 0 && this.#dotted.has(`${selector}.${parameter}`) && this.#completed(selector) === undefined
		);
	}

	#completed(selector: string): string | undefined {
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
		const cell = cells.get(cellId(outer, selector, parameter));
		if (cell !== undefined) {
			return cell;
		}
	}
	return undefined;
}

function joinedValue(cell: Cell): Value {
	if (cell.parts.length > 1) {
		cell.parts = [joinAll(cell.parts)];
	}
	return cell.parts[0]!;
}

function latestFirst({ overrode }: Cell): readonly Replaced[] {
	return overrode === undefined ? [] : overrode.toReversed();
}

function cellId(scope: string, selector: string, parameter: string): string {
	return `${scope}:${selector}.${parameter}`;
}

function nameOf({ scope, selector, parameter }: Cell): string {
	const name = parameter === '' ? selector : `${selector}.${parameter}`;
	return scope === '' ? name : `${scope}/${name}`;
}

function dottedUses(lines: readonly Line[]): Set<string> {
	const names = new Set<string>();
	for (const line of lines) {
		if (line.type !== 'unset') {
			visitValue(line.value, (value) => {
				if (value.type === 'macro' && value.name.includes('.')) {
					names.add(value.name);
				}
			});
		}
	}
	return names;
}
