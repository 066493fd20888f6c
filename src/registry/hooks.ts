import type { Problem } from '../core/errors.ts';
import type { Source } from '../gin/ast.ts';
import { type Gathered, gather } from '../gin/merge/gather.ts';
import { merge } from '../gin/merge/merge.ts';
import type { Merged } from '../gin/merge/merged.ts';
import { cellId, cellOf, parseKey } from '../gin/model/cells.ts';
import { printBinding } from '../gin/printer.ts';
import { problemAt } from '../gin/problem.ts';
import { reprValue } from '../gin/repr.ts';
import { toJs } from '../gin/values.ts';
import type { Catalog, PlainValue } from './catalog.ts';
import { fromPlain } from './plain.ts';
import type { HookBindings } from './registry.ts';

/** Nothing outside a text that code gives is read for it. */
export const nowhere = { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map<string, string>() };

/** Merges lines, then those that finalize hooks add when they have seen the result. */
export function mergeWithHooks(gathered: Gathered, catalog: Catalog, hooks: ReadonlyMap<string, HookBindings>): Merged {
	const merged = merge(gathered, catalog);
	if (hooks.size === 0) {
		return merged;
	}
	const sources = [...hooks].flatMap(([name, bindings]): Source[] => {
		const lines = Object.entries(bindings(viewOf(merged, catalog)) ?? {});
		const text = lines
			.map(([key, value]) => printBinding(lineKey(key), fromPlain(value), { extensions: true }))
			.join('\n');
		return text === '' ? [] : [{ name: `hook ${name}`, kind: 'text', text }];
	});
	const later = gather(sources, nowhere);
	const conflicts = conflictsOf(later, catalog);
	return merge(
		{
			...gathered,
			lines: [...gathered.lines, ...later.lines],
			problems: [...gathered.problems, ...later.problems, ...conflicts],
			broken: [...gathered.broken, ...later.broken],
		},
		catalog,
	);
}

function viewOf(merged: Merged, catalog: Catalog) {
	return {
		query(key: string): PlainValue | undefined {
			const parts = parseKey(key);
			const bound =
				parts === undefined
					? undefined
					: merged.table.get(cellId(cellOf(parts.scope, parts.selector, parts.parameter, catalog)));
			return bound === undefined ? undefined : (toJs(bound.value, (other) => reprValue(other, true)) as PlainValue);
		},
	};
}

// `%lr` is the macro `lr = …`.
function lineKey(key: string): string {
	return key.startsWith('%') ? key.slice(1) : key;
}

// Two hooks that bind the same do not know of each other.
function conflictsOf({ lines }: Gathered, catalog: Catalog): Problem[] {
	const seen = new Map<string, string>();
	return lines.flatMap((line) => {
		if (!('path' in line)) {
			return [];
		}
		const { scope, selector, parameter, isMacro, path } = line;
		const id = isMacro ? `%${path}` : cellId(cellOf(scope, selector, parameter, catalog));
		const other = seen.get(id);
		seen.set(id, line.source.name);
		return other === undefined || other === line.source.name
			? []
			: [problemAt('config.hook_conflict', line.span, `${other} binds ${path} too, and neither knows of the other`)];
	});
}
