import type { Problem } from '../../core/errors.ts';
import type { Value } from '../ast.ts';
import { macroPath } from '../model/meaning.ts';
import type { Table } from '../model/table.ts';
import { problemAt } from '../problem.ts';
import { mapValue } from '../values.ts';
import type { LineBinding, Part } from './binding.ts';
import { canJoin, isJoinable } from './join.ts';

/** What became of joined values. */
export interface Settled {
	readonly problems: readonly Problem[];
	/** Macros whose values stand among others now. */
	readonly macros: ReadonlySet<LineBinding>;
}

/** Puts into joined values what their macros stand for, once every line has been applied. */
export function settleJoins(joined: Iterable<LineBinding>, table: Table<LineBinding>): Settled {
	return new Settling(table).all(joined);
}

class Settling implements Settled {
	readonly problems: Problem[] = [];
	readonly macros = new Set<LineBinding>();
	readonly #done = new Set<LineBinding>();

	constructor(readonly table: Table<LineBinding>) {}

	all(joined: Iterable<LineBinding>): Settled {
		for (const binding of joined) {
			this.#settle(binding);
		}
		return this;
	}

	#settle(binding: LineBinding): void {
		if (this.#done.has(binding)) {
			return;
		}
		this.#done.add(binding);
		const parts = binding.parts ?? (binding.ontoDefault ? [{ value: binding.line.value, line: binding.line }] : []);
		if (!parts.some(({ value }) => value.type === 'macro')) {
			return;
		}
		const settled: Part[] = [];
		for (const part of parts) {
			const value = this.#standsFor(part.value);
			// What is bound nowhere, or leads back to itself, is reported as such.
			if (
				value.type === 'macro' ||
				(settled.length === 0 ? this.#canBegin(value, part) : this.#canJoin(settled[0]!, value, part))
			) {
				settled.push({ ...part, value });
			}
		}
		const [unbound] = settled.filter(({ value }) => value.type === 'macro');
		binding.parts = unbound === undefined ? settled : [unbound];
	}

	#standsFor(value: Value): Value {
		let at = value;
		const seen = new Set<LineBinding>();
		while (at.type === 'macro') {
			const path = macroPath(at);
			const macro = this.table.macro(path);
			if (macro === undefined || seen.has(macro)) {
				return at;
			}
			seen.add(macro);
			this.macros.add(macro);
			this.#settle(macro);
			at = within(macro.value, path);
		}
		return at;
	}

	#canBegin(value: Value, { line }: Part): boolean {
		if (!isJoinable(value)) {
			this.problems.push(
				problemAt('config.join_type', line.span, `"|=" joins dicts or lists, and this is of type ${value.type}`),
			);
		}
		return isJoinable(value);
	}

	#canJoin(first: Part, value: Value, { line }: Part): boolean {
		const fits = canJoin(first.value, value);
		if (!fits) {
			const message = `"|=" cannot join this ${value.type} to what is bound before, of type ${first.value.type}`;
			this.problems.push(problemAt('config.join_type', line.span, message));
		}
		return fits;
	}
}

// What a macro calls is called in the scope of its name, also where its items stand among others.
function within(value: Value, path: string): Value {
	return mapValue(value, (leaf) =>
		leaf.type === 'reference' && leaf.evaluate && leaf.scope === '' ? { ...leaf, scope: path } : leaf,
	);
}
