import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { Assignment } from '../assignment.ts';
import type { Span, UnsetStatement } from '../ast.ts';
import { builtin } from '../model/builtins.ts';
import { type Cell, cellId, isMacroCell, macroCell, noComponents, spelled, type Vocabulary } from '../model/cells.ts';
import { deepest, enclosing, joinScope } from '../model/scopes.ts';
import { Table } from '../model/table.ts';
import { problemAt } from '../problem.ts';
import { visitValue } from '../values.ts';
import { LineBinding } from './binding.ts';
import type { Gathered, Line } from './gather.ts';
import { canJoin, isJoinable } from './join.ts';
import type { DeadLine, Merged } from './merged.ts';
import { settleJoins } from './settle.ts';

/** Applies the lines in order: the last one of a cell wins, however it is spelled; `|=` joins, `unset` removes. */
export function merge(gathered: Gathered, vocabulary: Vocabulary = noComponents): Merged {
	const merging = new Merging(vocabulary, dottedUses(gathered.lines));
	for (const line of gathered.lines) {
		merging.apply(line);
	}
	const { table, problems } = merging;
	const joins = settleJoins(merging.joined, table);
	const all = [...table.all()];
	return {
		table,
		bindings: all.filter((binding) => !isMacroCell(binding)),
		macros: all.filter(isMacroCell),
		get dead() {
			return merging.dead();
		},
		files: gathered.files,
		imports: gathered.imports,
		chain: gathered.chain,
		uses: gathered.uses,
		environment: gathered.environment,
		problems: [...gathered.problems, ...problems, ...joins.problems],
		joinedMacros: joins.macros,
		broken: gathered.broken,
	};
}

/** So many problems come with a suggestion. */
const hintedProblems = 20;

class Merging {
	readonly table = new Table<LineBinding>();
	readonly #dead: Array<{ readonly binding: LineBinding; readonly line: Assignment; readonly later?: Assignment }> = [];
	/** Cells that some `|=` added to. */
	readonly joined = new Set<LineBinding>();
	readonly problems: Problem[] = [];
	readonly #vocabulary: Vocabulary;
	/** Every dotted name that some `%name` uses. */
	readonly #dotted: ReadonlySet<string>;
	readonly #complete = new Map<string, string | undefined>();

	constructor(vocabulary: Vocabulary, dotted: ReadonlySet<string>) {
		this.#vocabulary = vocabulary;
		this.#dotted = dotted;
	}

	/** Lines that change nothing. */
	dead(): DeadLine[] {
		return this.#dead.map(({ binding, line, later }) => ({
			name: spelled(binding),
			key: line.key,
			later: later?.span,
		}));
	}

	apply(line: Line): void {
		if (!(line instanceof Assignment)) {
			this.#unset(line);
			return;
		}
		const { selector, parameter } = line;
		if (line.isMacro || this.#isDottedMacro(selector, parameter)) {
			const { path } = line;
			this.#set(line, cellId(macroCell(path)), path, builtin.macro, 'value');
			return;
		}
		const complete = this.#completed(selector);
		if (complete === undefined) {
			this.#set(line, line.path, undefined, selector, parameter);
			return;
		}
		const own = this.#vocabulary.parameter(complete, parameter);
		const isAsWritten = complete === selector && own === parameter;
		const id = isAsWritten ? line.path : joinScope(line.scope, `${complete}.${own}`);
		// Of a macro the path stays, however later lines spell it.
		const path = isMacroCell({ selector: complete, parameter: own }) ? line.scope : undefined;
		this.#set(line, id, path, complete, own);
	}

	#set(line: Assignment, id: string, path: string | undefined, selector: string, parameter: string): void {
		const old = this.table.get(id);
		if (line.merges) {
			this.#join(line, id, path, selector, parameter);
		} else if (old === undefined) {
			this.table.set(id, new LineBinding(line, path, selector, parameter, false));
		} else {
			this.#noteDuplicate(old, line);
			old.replace(line);
		}
	}

	#join(line: Assignment, id: string, path: string | undefined, selector: string, parameter: string): void {
		const old = this.table.get(id);
		const earlier = old ?? this.#inherited(path ?? line.scope, selector, parameter);
		if (!this.#canJoin(line, earlier)) {
			return;
		}
		if (old !== undefined) {
			old.join(line);
			this.joined.add(old);
			this.#noteEmpty(old, line);
			return;
		}
		const binding = new LineBinding(line, path, selector, parameter, earlier === undefined || earlier.ontoDefault);
		if (earlier !== undefined) {
			const before = earlier.parts ?? [{ value: earlier.line.value, line: earlier.line }];
			binding.parts = [...before, { value: line.value, line }];
		}
		this.table.set(id, binding);
		this.joined.add(binding);
		this.#noteEmpty(binding, line);
	}

	// `a/b/f.x |= …` adds to what holds in a/b so far: the binding of the nearest enclosing scope.
	#inherited(scope: string, selector: string, parameter: string): LineBinding | undefined {
		for (const outer of enclosing(scope).slice(1, deepest)) {
			const found = this.table.get(cellId({ scope: outer, selector, parameter }));
			if (found !== undefined) {
				return found;
			}
		}
		return undefined;
	}

	// What a macro stands for is known when all lines have been read.
	#canJoin({ value, span }: Assignment, earlier: LineBinding | undefined): boolean {
		if (value.type === 'macro') {
			return true;
		}
		if (!isJoinable(value)) {
			this.#problem('config.join_type', value.span ?? span, '"|=" takes a dict or a list');
			return false;
		}
		const before = earlier === undefined ? undefined : (earlier.parts?.[0]?.value ?? earlier.line.value);
		if (before === undefined || before.type === 'macro' || canJoin(before, value)) {
			return true;
		}
		const message = `"|=" cannot join this ${value.type} to what is bound before, of type ${before.type}`;
		this.#problem('config.join_type', span, message);
		return false;
	}

	#noteEmpty(binding: LineBinding, line: Assignment): void {
		const { value } = line;
		const isEmpty = 'items' in value ? value.items.length === 0 : value.type === 'dict' && value.entries.length === 0;
		if (isEmpty) {
			this.#dead.push({ binding, line });
		}
	}

	#noteDuplicate(old: LineBinding, line: Assignment): void {
		const { line: before } = old;
		// A file that is read twice repeats itself; only what stands twice in it is a duplicate.
		if (
			before.source === line.source &&
			before.start < line.start &&
			line.source.kind !== 'bindings' &&
			!before.merges
		) {
			this.#dead.push({ binding: old, line: before, later: line });
		}
	}

	#unset(line: UnsetStatement): void {
		const { scope, selector, parameter } = line;
		const name = parameter === '' ? selector : `${selector}.${parameter}`;
		const cells: Cell[] = [macroCell(joinScope(scope, name))];
		if (parameter !== '') {
			const complete = this.#completed(selector);
			const own = complete === undefined ? parameter : this.#vocabulary.parameter(complete, parameter);
			cells.unshift({ scope, selector: complete ?? selector, parameter: own });
		}
		if (cells.some((cell) => this.table.delete(cellId(cell)))) {
			return;
		}
		const legal = () => Array.from(this.table.all(), spelled);
		const wanted = joinScope(scope, name);
		// Looking for near names takes time, and nobody reads them beyond the first few.
		const hint = this.problems.length < hintedProblems ? didYouMean(wanted, legal()) : '';
		this.#problem('config.unset_unbound', line.span, `nothing binds "${wanted}" before this line.${hint}`);
	}

	#isDottedMacro(selector: string, parameter: string): boolean {
		return (
			this.#dotted.size > 0 && this.#dotted.has(`${selector}.${parameter}`) && this.#completed(selector) === undefined
		);
	}

	#completed(selector: string): string | undefined {
		let complete = this.#complete.get(selector);
		if (complete === undefined && !this.#complete.has(selector)) {
			complete = this.#vocabulary.select(selector).name;
			this.#complete.set(selector, complete);
		}
		return complete;
	}

	#problem(code: string, span: Span, message: string): void {
		this.problems.push(problemAt(code, span, message));
	}
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
