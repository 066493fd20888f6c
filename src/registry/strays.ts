import { didYouMean } from '../core/suggest.ts';
import type { Merged } from '../gin/merge/merged.ts';
import { visitValue } from '../gin/values.ts';
import type { Mismatch } from './accept.ts';
import type { Catalog } from './catalog.ts';
import { isSingleton, joinScope, type Lookup, type Macro } from './lookup.ts';

/** References and macros that no parameter's type looks at: those inside macro definitions. */
export function strayReferences(merged: Merged, lookup: Lookup): Mismatch[] {
	return merged.macros.flatMap(({ scope, name, value, span }) => {
		const found: Mismatch[] = [];
		visitValue(value, (part) => {
			const at = part.span ?? span;
			if (part.type === 'reference' && !isSingleton(part.selector)) {
				if (lookup.catalog.select(part.selector).found === undefined) {
					const near = didYouMean(part.selector, allKnown(lookup.catalog));
					const message = `macro ${joinScope(scope, name)}: there is no component named "${part.selector}".${near}`;
					found.push({ code: 'config.unknown_component', span: at, message });
				}
			} else if (part.type === 'macro' && lookup.constant(part) === undefined) {
				const path = joinScope(part.scope, part.name);
				if (lookup.macro(path) === undefined) {
					const message = `%${path} is not defined.${didYouMean(path, lookup.macros.keys())}`;
					found.push({ code: 'config.unknown_macro', span: at, message });
				}
			}
		});
		return found;
	});
}

/** Macros that lead back to themselves, each circle once, used or not. */
export function macroCycles(lookup: Lookup): Mismatch[] {
	const found: Mismatch[] = [];
	const done = new Set<Macro>();
	const follow = (macro: Macro, above: readonly Macro[]): void => {
		if (above.includes(macro)) {
			const chain = [...above.slice(above.indexOf(macro)), macro].map(({ path }) => `%${path}`).join(' -> ');
			const message = `macros lead back to themselves: ${chain}`;
			found.push({ code: 'config.macro_cycle', span: macro.span, message });
			return;
		}
		if (done.has(macro)) {
			return;
		}
		done.add(macro);
		visitValue(macro.value, (part) => {
			const next = part.type === 'macro' ? lookup.macro(joinScope(part.scope, part.name)) : undefined;
			if (next !== undefined) {
				follow(next, [...above, macro]);
			}
		});
	};
	for (const macro of lookup.macros.values()) {
		follow(macro, []);
	}
	return found;
}

const names = new WeakMap<Catalog, string[]>();

/** Every name of a catalog, sorted; remembered, since a config may hold many mistakes. */
export function allKnown(catalog: Catalog): string[] {
	const found = names.get(catalog) ?? catalog.names();
	names.set(catalog, found);
	return found;
}
