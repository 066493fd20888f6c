import { isMacroCell } from '../../../src/gin/model/cells.ts';
import { configText, type LayoutOptions, type Section } from '../../../src/gin/model/layout.ts';
import type { Configurable } from './configurable.ts';
import { type Datum, visitData } from './data.ts';
import { GinError } from './gin-error.ts';
import { ImportTable } from './import-table.ts';
import { importText, processImport } from './imports.ts';
import { isRepresentable } from './representable.ts';
import { newContext, type State, type Used } from './state.ts';
import { printable } from './to-value.ts';

/** All that is bound, as gin prints it. */
export function configString(state: State, options?: LayoutOptions): string {
	const sections = new Map<string, Used>();
	for (const { scope, selector, parameter, value } of state.config.all()) {
		const id = `${scope} ${selector}`;
		const section = sections.get(id) ?? { scope, selector, values: new Map<string, Datum>() };
		section.values.set(parameter, value);
		sections.set(id, section);
	}
	return textOf(state, [...sections.values()], options);
}

/** All that calls used, as gin prints it. */
export function operativeString(state: State, options?: LayoutOptions): string {
	return textOf(state, [...state.operative.values()], options);
}

function textOf(state: State, used: readonly Used[], options?: LayoutOptions): string {
	const table = importTable(state, used);
	const context = newContext(table);
	for (const statement of table.statements) {
		processImport(state, context, statement);
	}
	state.contexts.push(context);
	try {
		const sections = used.map((one) => sectionOf(state, one, table));
		return configText(table.statements.map(importText), sections, options);
	} finally {
		state.contexts.pop();
	}
}

function importTable(state: State, used: readonly Used[]): ImportTable {
	const table = new ImportTable(state);
	for (const { selector, values } of table.isDynamic ? used : []) {
		table.require(registered(state, selector));
		for (const value of values.values()) {
			visitData(value, (part) => {
				if (part.type === 'resolved') {
					table.require(part.configurable);
				}
			});
		}
	}
	return table;
}

function sectionOf(state: State, { scope, selector, values }: Used, table: ImportTable): Section {
	const configurable = registered(state, selector);
	const isMacro = isMacroCell({ selector, parameter: 'value' });
	if (isMacro && !values.has('value')) {
		// A macro that was used without being bound leaves an empty section, which gin cannot print either.
		throw new GinError('other', 'KeyError', `'value' of macro '${scope}'`);
	}
	const bound = state.config.exactly(selector, scope);
	const shown = [...values]
		.filter(([, value]) => isMacro || isRepresentable(state, value))
		.map(([parameter, value]) => ({ parameter, ...printable(state, value), origin: bound?.get(parameter)?.origin }));
	const spelled = isMacro ? '' : table.spell(configurable);
	return { scope, selector, spelled, isMethod: configurable.isMethod, values: shown };
}

function registered(state: State, selector: string): Configurable {
	const configurable = state.registry.get(selector);
	if (configurable === undefined) {
		// A method that became part of its class after it had been called.
		throw new GinError('other', 'KeyError', `'${selector}'`);
	}
	return configurable;
}
