import type { Span } from '../ast.ts';
import { printBinding } from '../printer.ts';
import type { Configurable } from './configurable.ts';
import { type Datum, visitData } from './data.ts';
import { GinError } from './gin-error.ts';
import { ImportTable } from './import-table.ts';
import { importText, processImport } from './imports.ts';
import { compareLists, compareText } from './order.ts';
import { lineLabel } from './position.ts';
import { isRepresentable } from './representable.ts';
import { newContext, type Section, type Sections, type State, sectionId } from './state.ts';
import { printable } from './to-value.ts';

/** How a config is laid out. */
export interface PrintOptions {
	/** Lines get longer only where a value cannot be broken. */
	readonly maxLineLength?: number | undefined;
	readonly continuationIndent?: number | undefined;
	/** Whether a comment above each binding says where it was set. */
	readonly showProvenance?: boolean | undefined;
}

/** The text of a config: imports, macros, then a paragraph per scope and configurable. */
export function configText(state: State, sections: Sections, options: PrintOptions = {}): string {
	return new Printing(state, options).text(sections);
}

class Printing {
	readonly #state: State;
	readonly #width: number;
	readonly #indent: number;
	readonly #showProvenance: boolean;

	constructor(state: State, { maxLineLength = 80, continuationIndent = 4, showProvenance = false }: PrintOptions) {
		this.#state = state;
		this.#width = maxLineLength;
		this.#indent = continuationIndent;
		this.#showProvenance = showProvenance;
	}

	text(sections: Sections): string {
		const table = this.#importTable(sections);
		const context = newContext(table);
		for (const statement of table.statements) {
			processImport(this.#state, context, statement);
		}
		this.#state.contexts.push(context);
		try {
			const lines = table.statements.map(importText);
			if (lines.length > 0) {
				lines.push('');
			}
			const sorted = [...sections.values()].sort((a, b) => compareLists(this.#sortKey(a), this.#sortKey(b)));
			lines.push(...this.#macros(sorted), ...sorted.flatMap((section) => this.#section(section, table)));
			return lines.join('\n');
		} finally {
			this.#state.contexts.pop();
		}
	}

	#importTable(sections: Sections): ImportTable {
		const table = new ImportTable(this.#state);
		if (table.isDynamic) {
			for (const { selector } of sections.values()) {
				table.require(this.#registered(selector));
			}
			for (const { values } of sections.values()) {
				for (const value of values.values()) {
					requireAll(table, value);
				}
			}
		}
		return table;
	}

	#registered(selector: string): Configurable {
		const configurable = this.#state.registry.get(selector);
		if (configurable === undefined) {
			// A method that became part of its class after it had been called.
			throw new GinError('other', 'KeyError', `'${selector}'`);
		}
		return configurable;
	}

	// By name, then module from the inside out, then the innermost scope first.
	#sortKey({ scope, selector }: Section): string[] {
		const parts = [...selector.toLowerCase().split('.').reverse(), ...scope.toLowerCase().split('/').reverse()];
		if (this.#registered(selector).isMethod) {
			const [method, owner, ...others] = parts;
			return [`${owner}.${method}`, ...others];
		}
		return parts;
	}

	#macros(sorted: readonly Section[]): string[] {
		const macros = sorted.filter(({ selector }) => selector === 'gin.macro');
		if (macros.length === 0) {
			return [];
		}
		const lines = macros.map((macro) => this.#macro(macro));
		return ['# Macros:', this.#rule(), ...lines, ''];
	}

	#macro({ scope, values }: Section): string {
		const value = values.get('value');
		if (value === undefined) {
			// A macro that was used without being bound leaves an empty section, which gin cannot print either.
			throw new GinError('other', 'KeyError', `'value' of macro '${scope}'`);
		}
		return this.#binding(scope, value, this.#state.config.get(sectionId(scope, 'gin.macro'))?.origins.get('value'));
	}

	#section({ scope, selector, values }: Section, table: ImportTable): string[] {
		if (selector === 'gin.macro' || selector === 'gin.constant') {
			return [];
		}
		const name = `${scope}${scope === '' ? '' : '/'}${table.spell(this.#registered(selector))}`;
		const origins = this.#state.config.get(sectionId(scope, selector))?.origins;
		const shown = [...values]
			.filter(([, value]) => isRepresentable(this.#state, value))
			.sort(([a], [b]) => compareText(a, b))
			.map(([parameter, value]) => this.#binding(`${name}.${parameter}`, value, origins?.get(parameter)));
		return [`# Parameters for ${name}:`, this.#rule(), ...(shown.length === 0 ? ['# None.'] : shown), ''];
	}

	#binding(key: string, bound: Datum, origin: Span | undefined): string {
		const { value, complete } = printable(this.#state, bound);
		const text = complete(printBinding(key, value, { maxLineLength: this.#width, indent: this.#indent }));
		return this.#showProvenance && origin !== undefined ? `# Set in ${lineLabel(origin)}:\n${text}` : text;
	}

	#rule(): string {
		return `# ${'='.repeat(Math.max(0, this.#width - 2))}`;
	}
}

function requireAll(table: ImportTable, datum: Datum): void {
	visitData(datum, (part) => {
		if (part.type === 'resolved') {
			table.require(part.configurable);
		}
	});
}
