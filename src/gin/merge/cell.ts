import type { Assignment } from '../assignment.ts';
import type { Value } from '../ast.ts';
import { joinAll } from './join.ts';
import type { MergedBinding, MergedMacro, Replaced } from './merged.ts';

/** One binding or macro while lines are applied to it. */
export interface Cell {
	/** The line that counts. */
	line: Assignment;
	/** What `|=` has added to each other, the line's own value last: joined only when asked for, so that many lines stay cheap. */
	parts: Value[] | undefined;
	/** The complete name of the component; of a macro its name. */
	readonly selector: string;
	/** Empty for a macro. */
	readonly parameter: string;
	ontoDefault: boolean;
	/** Oldest first. */
	overrode: Earlier[] | undefined;
}

/** What a later line took the place of: read when somebody asks. */
export interface Earlier {
	readonly line: Assignment;
	/** The values it stood for, where that was not its own. */
	parts: Value[] | undefined;
}

const none: readonly Replaced[] = [];

/** The value of a cell, its parts joined. */
export function joinedValue(cell: Pick<Cell, 'line' | 'parts'>): Value {
	if (cell.parts !== undefined && cell.parts.length > 1) {
		cell.parts = [joinAll(cell.parts)];
	}
	return cell.parts?.[0] ?? cell.line.value;
}

/** A cell of a binding when all lines have been applied. */
export function bindingOf(cell: Cell): MergedBinding {
	const { line, selector, parameter, ontoDefault } = cell;
	const { scope, span, key, selector: written } = line;
	const value = joinedValue(cell);
	if (cell.overrode === undefined) {
		return { scope, selector, written, parameter, value, span, key, overrode: none, ontoDefault };
	}
	const overrode = latestFirst(cell.overrode);
	return {
		scope,
		selector,
		written,
		parameter,
		value,
		span,
		key,
		get overrode() {
			return overrode();
		},
		ontoDefault,
	};
}

/** A cell of a macro when all lines have been applied. */
export function macroOf(cell: Cell): MergedMacro {
	const { line, selector: name } = cell;
	const { scope, span, key } = line;
	const value = joinedValue(cell);
	if (cell.overrode === undefined) {
		return { scope, name, value, span, key, overrode: none };
	}
	const overrode = latestFirst(cell.overrode);
	return {
		scope,
		name,
		value,
		span,
		key,
		get overrode() {
			return overrode();
		},
	};
}

/** `scope/selector.parameter`, or for a macro, whose parameter is empty, `scope/name`. */
export function pathOf(scope: string, selector: string, parameter: string): string {
	const name = parameter === '' ? selector : `${selector}.${parameter}`;
	return scope === '' ? name : `${scope}/${name}`;
}

// Many lines may replace one another, and what they said is seldom asked for: it is read then, and once.
function latestFirst(earlier: readonly Earlier[]): () => readonly Replaced[] {
	let made: readonly Replaced[] | undefined;
	return () => {
		made ??= earlier.toReversed().map((one) => ({ value: joinedValue(one), span: one.line.span }));
		return made;
	};
}
