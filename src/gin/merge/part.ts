import { Assignment } from '../assignment.ts';
import type { Span, UnsetStatement } from '../ast.ts';

/** A line with an effect on bindings, once includes, choices and the environment are settled. */
export type Line = Assignment | UnsetStatement;

/** What one text says, the last statement first: its lines, and in their places the files that it names. */
export class Part {
	readonly items: Array<Line | Part> = [];
	/** Every `use` in it and in the files it names. */
	readonly uses: Array<{ readonly group: string; readonly span: Span }> = [];
	/** The files in it that are choices of a group. */
	readonly #choices = new Set<Part>();
	#withoutChoices: Part | undefined;

	add(part: Part, isChoice: boolean): void {
		this.items.push(part);
		this.uses.push(...part.uses);
		if (isChoice) {
			this.#choices.add(part);
		}
	}

	/** What it says where it stands a second time, before: by then every group has been chosen from. */
	repeated(): Part {
		if (this.uses.length === 0) {
			return this;
		}
		if (this.#withoutChoices === undefined) {
			this.#withoutChoices = new Part();
			for (const item of this.items) {
				if (!(item instanceof Part)) {
					this.#withoutChoices.items.push(item);
				} else if (!this.#choices.has(item)) {
					this.#withoutChoices.items.push(item.repeated());
				}
			}
		}
		return this.#withoutChoices;
	}
}

/** More lines than anybody has; fewer than a machine has room for. */
const mostLines = 5_000_000;

/**
 * The lines of all parts, the last first; undefined where they are too many.
 *
 * Of a part that stands there several times the last time counts, unless some line adds to another or takes it back:
 * without such lines the earlier times change nothing, and files that include one another twice cost nothing.
 */
export function linesOf(roots: readonly Part[]): Line[] | undefined {
	const mustRepeat = hasOrder(roots);
	const lines: Line[] = [];
	const seen = new Set<Part>();
	const open = roots.toReversed().map((part) => ({ part, next: 0 }));
	let steps = 0;
	for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
		const item = at.part.items[at.next++];
		if (++steps > mostLines) {
			return undefined;
		}
		if (item === undefined) {
			open.pop();
		} else if (!(item instanceof Part)) {
			lines.push(item);
		} else if (mustRepeat || !seen.has(item)) {
			seen.add(item);
			open.push({ part: item, next: 0 });
		}
	}
	return lines;
}

// Whether some line says `|=` or `unset`.
function hasOrder(roots: readonly Part[]): boolean {
	const seen = new Set<Part>(roots);
	for (const part of seen) {
		for (const item of part.items) {
			if (item instanceof Part) {
				seen.add(item);
			} else if (!(item instanceof Assignment) || item.merges) {
				return true;
			}
		}
	}
	return false;
}
