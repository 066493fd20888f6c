import { didYouMean } from '../core/suggest.ts';
import type { Merged } from '../gin/merge/merged.ts';
import { visitValue } from '../gin/values.ts';
import type { Mismatch } from './accept.ts';
import type { Catalog } from './catalog.ts';
import { isSingleton, joinScope, type Lookup } from './lookup.ts';

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

const names = new WeakMap<Catalog, string[]>();

/** Every name of a catalog, sorted; remembered, since a config may hold many mistakes. */
export function allKnown(catalog: Catalog): string[] {
	const found = names.get(catalog) ?? catalog.names();
	names.set(catalog, found);
	return found;
}
