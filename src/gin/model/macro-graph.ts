import { deepest } from './scopes.ts';

/** Macros that stand for nothing in the end. */
export interface Endless<Macro> {
	/** Each circle once: every macro in it uses the next one, the last the first. */
	readonly circles: ReadonlyArray<readonly Macro[]>;
	/** One that stands for more macros in a row than are allowed. */
	readonly tooLong: Macro | undefined;
	/** All that lead into a circle or are too long. */
	readonly all: ReadonlySet<Macro>;
}

interface Visit<Macro> {
	readonly macro: Macro;
	readonly uses: readonly Macro[];
	next: number;
	height: number;
}

/** Follows macros to those they use, each once, and without recursion: chains may be long. */
export function endlessMacros<Macro>(
	macros: Iterable<Macro>,
	uses: (macro: Macro) => readonly Macro[],
): Endless<Macro> {
	const circles: Array<readonly Macro[]> = [];
	const all = new Set<Macro>();
	const heights = new Map<Macro, number>();
	const openAt = new Map<Macro, number>();
	let tooLong: Macro | undefined;
	for (const root of macros) {
		const open: Array<Visit<Macro>> = [];
		const begin = (macro: Macro): void => {
			openAt.set(macro, open.length);
			open.push({ macro, uses: uses(macro), next: 0, height: 1 });
		};
		if (!heights.has(root)) {
			begin(root);
		}
		for (let visit = open.at(-1); visit !== undefined; visit = open.at(-1)) {
			const used = visit.uses[visit.next++];
			if (used === undefined) {
				open.pop();
				openAt.delete(visit.macro);
				heights.set(visit.macro, visit.height);
				if (visit.height > deepest) {
					tooLong ??= visit.macro;
					all.add(visit.macro);
				}
				const above = open.at(-1);
				if (above !== undefined) {
					take(above, visit.macro);
				}
				continue;
			}
			const at = openAt.get(used);
			if (at !== undefined) {
				circles.push(open.slice(at).map(({ macro }) => macro));
				all.add(visit.macro);
			} else if (heights.has(used)) {
				take(visit, used);
			} else {
				begin(used);
			}
		}
	}
	return { circles, tooLong, all };

	function take(above: Visit<Macro>, used: Macro): void {
		above.height = Math.max(above.height, heights.get(used)! + 1);
		if (all.has(used)) {
			all.add(above.macro);
		}
	}
}
