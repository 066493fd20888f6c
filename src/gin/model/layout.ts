import type { Span, Value } from '../ast.ts';
import { compareLists, compareText } from '../order.ts';
import { positionOf } from '../positions.ts';
import { printBinding } from '../printer.ts';
import { builtin } from './builtins.ts';
import { joinScope } from './scopes.ts';

/** How a config is laid out. */
export interface LayoutOptions {
	/** Lines get longer only where a value cannot be broken; 80 where none is given. */
	readonly maxLineLength?: number | undefined;
	/** How far lines that go on a binding are indented; 4 where none is given. */
	readonly continuationIndent?: number | undefined;
	/** Whether a comment above each binding says where it was set. */
	readonly showProvenance?: boolean | undefined;
}

/** What is shown of one component in one scope. */
export interface Section {
	readonly scope: string;
	/** The complete name. */
	readonly selector: string;
	/** The name as it is printed. */
	readonly spelled: string;
	/** A method sorts with the name of its class. */
	readonly isMethod?: boolean;
	readonly values: readonly ShownValue[];
}

export interface ShownValue {
	readonly parameter: string;
	readonly value: Value;
	readonly origin: Span | undefined;
	/** Puts into the printed value what has no literal form. */
	readonly complete?: (printed: string) => string;
}

/** A config in gin's own layout: imports, macros, then a paragraph per component and scope. */
export function configText(
	imports: readonly string[],
	sections: readonly Section[],
	options: LayoutOptions = {},
): string {
	const sorted = sections
		.map((section) => ({ section, key: sortKey(section) }))
		.sort((a, b) => compareLists(a.key, b.key))
		.map(({ section }) => section);
	const lines = imports.length === 0 ? [] : [...imports, ''];
	const macros = sorted.filter(({ selector }) => selector === builtin.macro);
	if (macros.length > 0) {
		const shown = macros.map(({ scope, values }) => binding(scope, values[0]!, options));
		lines.push('# Macros:', rule(options), ...shown, '');
	}
	for (const section of sorted) {
		if (section.selector !== builtin.macro && section.selector !== builtin.constant) {
			lines.push(...paragraph(section, options));
		}
	}
	return lines.join('\n');
}

function paragraph({ scope, spelled, values }: Section, options: LayoutOptions): string[] {
	const name = joinScope(scope, spelled);
	const shown = values
		.toSorted((a, b) => compareText(a.parameter, b.parameter))
		.map((value) => binding(`${name}.${value.parameter}`, value, options));
	return [`# Parameters for ${name}:`, rule(options), ...(shown.length === 0 ? ['# None.'] : shown), ''];
}

function binding(key: string, { value, origin, complete }: ShownValue, options: LayoutOptions): string {
	const { maxLineLength = 80, continuationIndent: indent = 4, showProvenance = false } = options;
	const printed = printBinding(key, value, { maxLineLength, indent });
	const text = complete === undefined ? printed : complete(printed);
	return showProvenance && origin !== undefined ? `# Set in ${placeOf(origin)}:\n${text}` : text;
}

function placeOf({ source, start }: Span): string {
	return `${source.kind === 'file' ? source.name : 'bindings string'}:${positionOf(source, start).line}`;
}

function rule({ maxLineLength = 80 }: LayoutOptions): string {
	return `# ${'='.repeat(Math.max(0, maxLineLength - 2))}`;
}

// By name, then module from the inside out, then the innermost scope first.
function sortKey({ scope, selector, isMethod }: Section): string[] {
	const parts = [...selector.toLowerCase().split('.').reverse(), ...scope.toLowerCase().split('/').reverse()];
	if (isMethod) {
		const [method, owner, ...others] = parts;
		return [`${owner}.${method}`, ...others];
	}
	return parts;
}
