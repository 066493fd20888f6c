import { isSecretName } from '../core/secret-names.ts';
import type { BindingStatement, MacroStatement, Source, Span, Value } from '../gin/ast.ts';
import { builtin } from '../gin/model/builtins.ts';
import { macroCell } from '../gin/model/cells.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { parse } from '../gin/parser.ts';
import { reprValue } from '../gin/repr.ts';
import { type ParameterInfo, parameterOf } from './catalog.ts';
import type { Lookup } from './lookup.ts';
import { entryType, itemType } from './plain.ts';
import { isDefault, isFree, mask, type Secrets } from './secrets.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

/** A config text as it may be recorded, and the literals that were taken out of it, as they were written. */
export interface MaskedSource {
	readonly text: string;
	readonly literals: readonly string[];
}

/** The text of a source without the secrets that stand in it, also those that another line overrides or nothing uses. */
export function maskedSource(source: Source, lookup: Lookup, secrets: Secrets): MaskedSource {
	const cuts: Cut[] = [];
	for (const statement of assignments(source)) {
		const { parameter, isSecret } = targetOf(statement, lookup, secrets);
		if (parameter === undefined || !isDefault(statement.value, parameter)) {
			collect(statement.value, parameter?.type ?? anyType, isSecret, true, cuts);
		}
	}
	cuts.sort((a, b) => b.span.start - a.span.start);
	const text = cuts.reduce(
		(rest, { span: { start, end }, instead }) => rest.slice(0, start) + instead + rest.slice(end),
		source.text,
	);
	return { text, literals: cuts.map(({ literal: { start, end } }) => source.text.slice(start, end)) };
}

interface Cut {
	readonly span: Span;
	/** The secret itself, in its quotes. */
	readonly literal: Span;
	readonly instead: string;
}

function* assignments(source: Source): Generator<BindingStatement | MacroStatement> {
	for (const statement of parse(source, { extensions: true }).statements) {
		if (statement.type === 'block') {
			yield* statement.bindings;
		} else if (statement.type === 'binding' || statement.type === 'macro') {
			yield statement;
		}
	}
}

function targetOf(
	statement: BindingStatement | MacroStatement,
	lookup: Lookup,
	secrets: Secrets,
): { readonly parameter: ParameterInfo | undefined; readonly isSecret: boolean } {
	const isMacro = statement.type === 'macro';
	const name = isMacro ? statement.name : `${statement.selector}.${statement.parameter}`;
	const found = isMacro ? undefined : lookup.catalog.select(statement.selector).found;
	const path = found?.name === builtin.macro ? statement.scope : joinScope(statement.scope, name);
	const macro = lookup.bound(macroCell(path));
	const component = found?.name === builtin.macro ? undefined : found;
	if (isMacro || (component === undefined && macro !== undefined)) {
		const isSecret = macro === undefined ? isSecretName(name) : secrets.hasMacro(macro);
		return { parameter: undefined, isSecret };
	}
	const parameter = component === undefined ? undefined : parameterOf(component, statement.parameter);
	return { parameter, isSecret: isSecretName(parameter?.name ?? statement.parameter) };
}

// Where the whole value is a secret, the copy says that it must be given; a part of a value is masked.
function collect(value: Value, type: TypeSpec, isSecret: boolean, isWhole: boolean, cuts: Cut[]): void {
	if (value.type === 'list' || value.type === 'tuple') {
		for (const [at, item] of value.items.entries()) {
			collect(item, itemType(type, at, value), isSecret, false, cuts);
		}
	} else if (value.type === 'dict') {
		for (const [key, entry] of value.entries) {
			const name = key.type === 'string' ? key.value : '';
			collect(entry, entryType(type, name, value), isSecret || isSecretName(name), false, cuts);
		}
	} else if (value.type === 'string' && isSecret && value.value !== '' && isFree(type)) {
		cuts.push({ span: value.span!, literal: value.span!, instead: isWhole ? '%gin.REQUIRED' : `'${mask}'` });
	} else if (value.type === 'env' && (isSecret || isSecretName(value.name)) && value.fallback?.type === 'string') {
		cuts.push({
			span: value.span!,
			literal: value.fallback.span!,
			instead: reprValue({ ...value, fallback: undefined }, true),
		});
	}
}
