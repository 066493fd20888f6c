import type { Span } from '../gin/ast.ts';
import type { Merged } from '../gin/merge/merged.ts';
import { visitValue } from '../gin/values.ts';
import type { Mismatch } from './accept.ts';
import type { Catalog } from './catalog.ts';
import { deepest, isSingleton, joinScope, type Lookup, type Macro } from './lookup.ts';

/** References and macros that no parameter's type looks at: those inside macro definitions. */
export function strayReferences(merged: Merged, lookup: Lookup): Mismatch[] {
	return merged.macros.flatMap(({ scope, name, value, span }) => {
		const found: Mismatch[] = [];
		visitValue(value, (part) => {
			const at = part.span ?? span;
			if (part.type === 'reference' && !isSingleton(part.selector)) {
				if (lookup.catalog.select(part.selector).found === undefined) {
					const near = lookup.hints.didYouMean(part.selector, 'all', () => allKnown(lookup.catalog));
					const message = `macro ${joinScope(scope, name)}: there is no component named "${part.selector}".${near}`;
					found.push({ code: 'config.unknown_component', span: at, message });
				}
			} else if (part.type === 'macro' && lookup.constant(part) === undefined) {
				const path = joinScope(part.scope, part.name);
				if (lookup.macro(path) === undefined) {
					const near = lookup.hints.didYouMean(path, 'macros', () => [...lookup.macros.keys()]);
					const message = `%${path} is not defined.${near}`;
					found.push({ code: 'config.unknown_macro', span: at, message });
				}
			}
		});
		return found;
	});
}

/** Scopes nested deeper than can be looked up in reasonable time. */
export function deepScopes(merged: Merged): Mismatch[] {
	return [...merged.bindings, ...merged.macros].flatMap(({ scope, value, span }) => {
		const found: Mismatch[] = [];
		const see = (text: string, at: Span) => {
			if (text.length > deepest && text.split('/').length > deepest) {
				found.push({ code: 'config.scope_depth', span: at, message: `scopes are nested more than ${deepest} deep` });
			}
		};
		see(scope, span);
		visitValue(value, (part) => {
			if (part.type === 'reference' || part.type === 'macro') {
				see(part.scope, part.span ?? span);
			}
		});
		return found;
	});
}

/** Macros that lead back to themselves, each circle once, used or not. */
export function macroCycles(lookup: Lookup): Mismatch[] {
	const found: Mismatch[] = [];
	const done = new Set<Macro>();
	let tooLong: Macro | undefined;
	const follow = (macro: Macro, above: readonly Macro[]): void => {
		if (above.includes(macro)) {
			const chain = [...above.slice(above.indexOf(macro)), macro].map(({ path }) => `%${path}`).join(' -> ');
			const message = `macros lead back to themselves: ${chain}`;
			found.push({ code: 'config.macro_cycle', span: macro.span, message });
			return;
		}
		if (above.length >= deepest) {
			tooLong ??= macro;
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
	if (tooLong !== undefined) {
		const message = `more than ${deepest} macros stand for one another in a row`;
		found.push({ code: 'config.macro_depth', span: tooLong.span, message });
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
