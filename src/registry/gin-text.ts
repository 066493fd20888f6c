import type { ImportStatement, Value } from '../gin/ast.ts';
import type { Merged, MergedBinding } from '../gin/merge/merged.ts';
import { builtin } from '../gin/model/builtins.ts';
import { isMacroCell } from '../gin/model/cells.ts';
import { type LayoutOptions, configText as layOut, type Section, type ShownValue } from '../gin/model/layout.ts';
import { macroRequest, requestOf } from '../gin/model/requests.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { compareText } from '../gin/order.ts';
import { isPrintable, stringText } from '../gin/repr.ts';
import { mapValue, visitValue } from '../gin/values.ts';
import type { Constructed } from './container.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { importedName } from './plugins.ts';

/** Everything bound, as `config_str` of gin prints it. */
export function configText({ table, imports }: Merged, lookup: Lookup, options?: LayoutOptions): string {
	const sections = new Map<string, Section & { values: ShownValue[] }>();
	for (const binding of table.all()) {
		const { scope, selector, parameter, span } = binding;
		// What was passed over is not part of the config.
		if (lookup.catalog.select(selector).name === undefined) {
			continue;
		}
		const id = `${scope} ${selector}`;
		const section = sections.get(id) ?? { scope, selector, spelled: spelledName(selector, lookup), values: [] };
		sections.set(id, section);
		const value = asPrinted(binding.value, lookup);
		if (isMacroCell(binding) || (isPrintable(value) && isResolved(value, lookup))) {
			section.values.push({ parameter, value, origin: span });
		}
	}
	return layOut(importLines(imports), [...sections.values()], options);
}

/** What was built, with every value it got, as `operative_config_str` of gin prints it. */
export function operativeText(
	built: readonly Constructed[],
	{ imports }: Pick<Merged, 'imports'>,
	lookup: Lookup,
	options?: LayoutOptions,
): string {
	const sections: Section[] = built.map(({ component, scope, parameters }) => ({
		scope,
		selector: component.name,
		spelled: spelledName(component.name, lookup),
		values: parameters.flatMap(({ parameter, value, bound }) => {
			const shown = value === undefined ? undefined : asPrinted(value, lookup);
			return shown === undefined || !isPrintable(shown)
				? []
				: [{ parameter: parameter.name, value: shown, origin: bound?.binding.span }];
		}),
	}));
	const called = new Map<string, Section>();
	for (const { parameters, scope } of built) {
		const seen = new Set<ValueMeaning>();
		for (const effective of parameters) {
			const meaning = lookup.meaningOf(effective);
			if (meaning !== undefined) {
				noteCalls(meaning, scope, lookup, called, seen);
			}
		}
	}
	return layOut(importLines(imports), [...sections, ...called.values()], options);
}

/** A value as gin writes it: called macros and constants as `%name`, constants with their complete names. */
export function asPrinted(value: Value, { catalog, constants }: Lookup): Value {
	return mapValue(value, (leaf) => {
		const request =
			leaf.type === 'macro'
				? macroRequest(leaf, constants)
				: leaf.type === 'reference' && leaf.evaluate
					? requestOf(leaf, catalog)
					: undefined;
		const isNamed =
			request !== undefined &&
			'name' in request &&
			(request.name === builtin.constant ||
				(request.name === builtin.macro && constants.matching(request.scope).length === 0));
		return isNamed ? { type: 'macro', scope: '', name: request.scope } : leaf;
	});
}

// Macros and singletons are called like any component, each in the scope of its name.
function noteCalls(
	meaning: ValueMeaning,
	scope: string,
	lookup: Lookup,
	into: Map<string, Section>,
	seen: Set<ValueMeaning>,
): void {
	if (seen.has(meaning)) {
		return;
	}
	seen.add(meaning);
	switch (meaning.is) {
		case 'macro':
			note(meaning.bound, meaning.path, 'value', lookup, into);
			noteCalls(meaning.stands, scope, lookup, into, seen);
			break;
		case 'shared': {
			const key = meaning.key ?? scope;
			const maker = lookup.reading.maker(key);
			if (maker !== undefined && meaning.called) {
				note(maker.bound, key, 'constructor', lookup, into);
			}
			break;
		}
		case 'sequence':
			for (const item of meaning.items) {
				noteCalls(item, scope, lookup, into, seen);
			}
			break;
		case 'dict':
			for (const part of meaning.entries.flat()) {
				noteCalls(part, scope, lookup, into, seen);
			}
	}
}

function note(
	binding: MergedBinding,
	scope: string,
	parameter: string,
	lookup: Lookup,
	into: Map<string, Section>,
): void {
	const value = asPrinted(binding.value, lookup);
	const { selector } = binding;
	const spelled = spelledName(selector, lookup);
	into.set(joinScope(scope, selector), {
		scope,
		selector,
		spelled,
		values: [{ parameter, value, origin: binding.span }],
	});
}

// A reference that was passed over reads back as nothing.
function isResolved(value: Value, { catalog }: Lookup): boolean {
	let isKnown = true;
	visitValue(value, (part) => {
		isKnown &&= part.type !== 'reference' || catalog.select(part.selector).name !== undefined;
	});
	return isKnown;
}

function spelledName(selector: string, { catalog }: Lookup): string {
	return selector === builtin.macro || catalog.select(selector).name === undefined
		? selector
		: catalog.minimal(selector);
}

// One line for each module, by its name.
function importLines(imports: Merged['imports']): string[] {
	const statements = imports
		.map(({ statement }) => statement)
		.sort(
			(a, b) =>
				compareText(importedName(a), importedName(b)) ||
				Number(a.member === undefined) - Number(b.member === undefined),
		);
	const byModule = new Map<string, string>();
	for (const statement of statements) {
		const module = importedName(statement);
		byModule.set(module, byModule.get(module) ?? importText(statement));
	}
	return [...byModule.values()];
}

function importText(statement: ImportStatement): string {
	const { module, member, alias, isFile } = statement;
	if (isFile) {
		return `import ${stringText(module)}`;
	}
	const text = member === undefined ? `import ${module}` : `from ${module} import ${member}`;
	return alias === undefined ? text : `${text} as ${alias}`;
}
