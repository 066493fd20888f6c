import { nearest } from '../core/suggest.ts';
import type { Merged, MergedBinding } from '../gin/merge/merged.ts';
import { macroPath, standsFor } from '../gin/model/meaning.ts';
import { joinScope, splitScope } from '../gin/model/scopes.ts';
import { positionOf } from '../gin/positions.ts';
import { visitValue } from '../gin/values.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';
import type { Reached } from './reachability.ts';

/** Lines that change nothing: bound again in the same file, or adding nothing. */
export function deadLines({ dead }: Pick<Merged, 'dead'>): Mismatch[] {
	return dead.map(({ name, key, later }) =>
		later === undefined
			? { code: 'config.empty_join', span: key, message: `this adds nothing to ${name}` }
			: {
					code: 'config.duplicate_binding',
					span: key,
					message: `${name} has no effect: line ${positionOf(later.source, later.start).line} of this file binds it again`,
				},
	);
}

/** Entries of dicts that a later entry of the same key takes the place of. */
export function deadEntries({ table }: Pick<Merged, 'table'>): Mismatch[] {
	const found: Mismatch[] = [];
	for (const { value, span } of table.all()) {
		visitValue(value, (part) => {
			for (const dropped of part.type === 'dict' ? (part.dropped ?? []) : []) {
				const message = 'this has no effect: a later entry of the dict has the same key';
				found.push({ code: 'config.duplicate_key', span: dropped.span ?? span, message });
			}
		});
	}
	return found;
}

/** Components that a list names twice where each is to be there once. */
export function namedTwice({ nodes }: Reached, lookup: Lookup): Mismatch[] {
	return nodes.flatMap(({ component, scope, parameters }) =>
		parameters.flatMap((effective) => {
			const meaning = effective.parameter.distinct ? lookup.meaningOf(effective) : undefined;
			const list = meaning === undefined ? undefined : standsFor(meaning);
			const label = joinScope(scope, `${component.name}.${effective.parameter.name}`);
			return list?.is === 'sequence' ? twice(list.items, label, effective.bound?.binding) : [];
		}),
	);
}

function twice(items: readonly ValueMeaning[], label: string, binding: MergedBinding | undefined): Mismatch[] {
	const seen = new Set<string>();
	return items.flatMap((item) => {
		const stands = standsFor(item);
		if (stands.is !== 'component') {
			return [];
		}
		const path = joinScope(stands.scope ?? '', stands.name);
		const isTwice = seen.has(path);
		seen.add(path);
		const span = item.value.span ?? binding?.span;
		return isTwice ? [{ code: 'config.named_twice', span, message: `${label} names "${path}" twice` }] : [];
	});
}

/** ` Did you mean "adam.learning_rate"?` for a macro that nothing uses and that is called like a parameter. */
export function parameterHint(path: string, { nodes }: Reached): string {
	const [scope, name] = splitScope(path);
	const names = new Map<string, string>();
	for (const { component, parameters } of nodes) {
		for (const { parameter } of parameters) {
			names.set(parameter.name, names.get(parameter.name) ?? `${component.name}.${parameter.name}`);
		}
	}
	const near = nearest(name, names.keys(), 2).map((one) => `"${joinScope(scope, names.get(one)!)}"`);
	return near.length === 0 ? '' : `. Did you mean ${near.join(' or ')}?`;
}

/** `%a/b` where only `a` is bound: gin falls back to it, and refuses that when the config is finished. */
export function inheritedMacros({ table }: Pick<Merged, 'table'>, lookup: Lookup): Mismatch[] {
	const found: Mismatch[] = [];
	for (const { value, span } of table.all()) {
		visitValue(value, (part) => {
			const path = part.type === 'macro' ? macroPath(part) : '';
			const macro = part.type === 'macro' ? lookup.macro(part) : undefined;
			if (macro !== undefined && macro.scope !== path) {
				const there = macro.scope === '' ? 'there is only the default of all macros' : `only %${macro.scope} is`;
				found.push({
					code: 'config.unknown_macro',
					span: part.span ?? span,
					message: `%${path} is not defined; ${there}.`,
				});
			}
		});
	}
	return found;
}
