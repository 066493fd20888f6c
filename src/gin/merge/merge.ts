import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { BindingStatement, MacroStatement, Span, UnsetStatement, Value } from '../ast.ts';
import { problemAt } from '../problem.ts';
import { visitValue } from '../values.ts';
import type { Gathered, Line } from './gather.ts';
import { isJoinable, joinValues } from './join.ts';
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
	};
}

interface Cell {
	value: Value;
	span: Span;
	key: Span;
	written: string;
	ontoDefault: boolean;
	overrode: Replaced[];
	/** Undefined for a macro. */
	readonly target: { readonly scope: string; readonly selector: string; readonly parameter: string } | undefined;
	readonly macro: { readonly scope: string; readonly name: string } | undefined;
}

class Table {
	readonly #component: ComponentOf;
	/** Every dotted name that some `%name` uses. */
	readonly #dotted: ReadonlySet<string>;
	readonly #cells = new Map<string, Cell>();
	readonly #complete = new Map<string, string | undefined>();
	readonly problems: Problem[] = [];

	constructor(component: ComponentOf, dotted: ReadonlySet<string>) {
		this.#component = component;
		this.#dotted = dotted;
	}

	apply(line: Line): void {
		if (line.type === 'unset') {
			this.#unset(line);
			return;
		}
		const { id, fresh } = this.#place(line);
		const old = this.#cells.get(id);
		const value = line.operator === '|=' ? this.#joined(line, id, old) : line.value;
		if (value === undefined) {
			return;
		}
		if (old === undefined) {
			this.#cells.set(id, { ...fresh(), value, ontoDefault: this.#isOntoDefault(line, id) });
			return;
		}
		old.overrode.unshift({ value: old.value, span: old.span });
		old.value = value;
		old.span = line.span;
		old.key = line.key;
		old.written = line.type === 'binding' ? line.selector : line.name;
		old.ontoDefault &&= line.operator === '|=';
	}

	bindings(): MergedBinding[] {
		return [...this.#cells.values()].flatMap(({ target, macro: _, ...cell }) =>
			target === undefined ? [] : [{ ...target, ...cell }],
		);
	}

	macros(): MergedMacro[] {
		return [...this.#cells.values()].flatMap(({ macro, value, span, key, overrode }) =>
			macro === undefined ? [] : [{ ...macro, value, span, key, overrode }],
		);
	}

	#place(line: BindingStatement | MacroStatement): { id: string; fresh: () => Omit<Cell, 'ontoDefault'> } {
		const { value, span, key } = line;
		if (line.type === 'binding' && !this.#isDottedMacro(line)) {
			const { scope, parameter } = line;
			const selector = this.#completed(line.selector) ?? line.selector;
			const fresh = () => ({
				value,
				span,
				key,
				written: line.selector,
				overrode: [],
				target: { scope, selector, parameter },
				macro: undefined,
			});
			return { id: bindingId(scope, selector, parameter), fresh };
		}
		const name = line.type === 'binding' ? `${line.selector}.${line.parameter}` : line.name;
		const fresh = () => ({
			value,
			span,
			key,
			written: name,
			overrode: [],
			target: undefined,
			macro: { scope: line.scope, name },
		});
		return { id: macroId(line.scope, name), fresh };
	}

	#joined(line: BindingStatement | MacroStatement, id: string, old: Cell | undefined): Value | undefined {
		if (!isJoinable(line.value)) {
			this.#problem('config.join_type', line.value.span ?? line.span, '"|=" takes a dict or a list');
			return undefined;
		}
		const earlier = old ?? this.#inherited(line, id);
		if (earlier === undefined) {
			return line.value;
		}
		const joined = joinValues(earlier.value, line.value);
		if (joined === undefined) {
			const kind = earlier.value.type;
			this.#problem(
				'config.join_type',
				line.span,
				`"|=" cannot join this ${line.value.type} to what is bound before, of type ${kind}`,
			);
		}
		return joined;
	}

	#isOntoDefault(line: BindingStatement | MacroStatement, id: string): boolean {
		return line.operator === '|=' && this.#inherited(line, id) === undefined;
	}

	// `a/b/f.x |= …` adds to what holds in a/b so far: the binding of the nearest enclosing scope.
	#inherited(line: BindingStatement | MacroStatement, id: string): Cell | undefined {
		const scopes = line.scope === '' ? [] : line.scope.split('/');
		for (let length = scopes.length - 1; length >= 0; length--) {
			const cell = this.#cells.get(this.#idInScope(id, scopes.slice(0, length).join('/')));
			if (cell !== undefined) {
				return cell;
			}
		}
		return undefined;
	}

	#idInScope(id: string, scope: string): string {
		return `${id[0]}${scope}${id.slice(id.indexOf(':'))}`;
	}

	#unset(line: UnsetStatement): void {
		const { scope, selector, parameter } = line;
		const name = parameter === '' ? selector : `${selector}.${parameter}`;
		const complete = this.#completed(selector) ?? selector;
		const isGone =
			(parameter !== '' && this.#cells.delete(bindingId(scope, complete, parameter))) ||
			this.#cells.delete(macroId(scope, name));
		if (!isGone) {
			const legal = [...this.#cells.values()].map(nameOf);
			const wanted = scope === '' ? name : `${scope}/${name}`;
			this.#problem(
				'config.unset_unbound',
				line.span,
				`nothing binds "${wanted}" before this line.${didYouMean(wanted, legal)}`,
			);
		}
	}

	#isDottedMacro({ selector, parameter }: BindingStatement): boolean {
		return this.#dotted.has(`${selector}.${parameter}`) && this.#completed(selector) === undefined;
	}

	#completed(selector: string): string | undefined {
		if (!this.#complete.has(selector)) {
			this.#complete.set(selector, this.#component(selector));
		}
		return this.#complete.get(selector);
	}

	#problem(code: string, span: Span, message: string): void {
		this.problems.push(problemAt(code, span, message));
	}
}

function bindingId(scope: string, selector: string, parameter: string): string {
	return `=${scope}:${selector}.${parameter}`;
}

function macroId(scope: string, name: string): string {
	return `%${scope}:${name}`;
}

function nameOf({ target, macro }: Cell): string {
	const scope = target?.scope ?? macro?.scope;
	const name = target === undefined ? (macro?.name ?? '') : `${target.selector}.${target.parameter}`;
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
