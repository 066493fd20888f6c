import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { visible } from '../../core/visible.ts';
import type { Value } from '../../gin/ast.ts';
import { formatPosition } from '../../gin/positions.ts';
import { reprValue } from '../../gin/repr.ts';
import { visitValue } from '../../gin/values.ts';
import { type ComponentInfo, type ParameterInfo, parameterOf } from '../../registry/catalog.ts';
import { type Effective, joinScope, parseKey } from '../../registry/lookup.ts';
import { placeOf } from '../../registry/origin.ts';
import { fromPlain } from '../../registry/plain.ts';
import { describeType } from '../../registry/type-spec.ts';
import type { EffectiveConfig } from './effective.ts';

/** Explains one value, `component.parameter`, `scope/component.parameter` or `%macro`, as seen from inside a scope. */
export function explain(config: EffectiveConfig, name: string, outer: string): string {
	const lines = name.startsWith('%') ? ofMacro(config, name.slice(1)) : ofParameter(config, name, outer);
	return `${lines.map(visible).join('\n')}\n`;
}

function ofParameter(config: EffectiveConfig, name: string, outer: string): string[] {
	const { checked } = config;
	const key = parseKey(name);
	const { component, parameter } = find(config, key.name, key.parameter!);
	const scope = key.scope === '' ? outer : joinScope(outer, key.scope);
	const effective = checked.lookup.effective(component, scope).find((found) => found.parameter === parameter)!;
	const path = joinScope(scope, component.name);
	const isReached = checked.reached.nodes.some(
		(node) => node.component.name === component.name && node.scope === scope,
	);
	const { value } = effective;
	return [
		`${path}.${parameter.name} ${value === undefined ? 'has no value' : `= ${reprValue(value, true)}`}`,
		...(value === undefined ? [] : [`  from ${sourceOf(effective)}`]),
		...effective.overrode.map(
			({ value: lost, span, scope: where }) =>
				`  over ${reprValue(lost, true)} from ${formatPosition(span)}${where === '' ? '' : ` in the scope ${where}`}`,
		),
		...(value === undefined ? [] : macrosOf(config, value)),
		`  expects ${expectation(parameter)}`,
		...(parameter.description === '' ? [] : [`  ${parameter.description}`]),
		...(isReached ? [] : [`  not used: "${path}" is not built by this config`]),
	];
}

function find(
	{ catalog }: EffectiveConfig,
	selector: string,
	name: string,
): { component: ComponentInfo; parameter: ParameterInfo } {
	const component = catalog.select(selector).found;
	if (component === undefined) {
		throw new UsageError(
			'config.unknown_component',
			`There is no component named "${selector}".${didYouMean(selector, catalog.names())}`,
		);
	}
	const parameter = parameterOf(component, name);
	if (parameter === undefined) {
		const names = component.parameters.map((known) => known.name);
		const has = names.length === 0 ? ' It has none.' : ` It has: ${names.join(', ')}.`;
		throw new UsageError(
			'config.unknown_parameter',
			`${component.name} has no parameter "${name}".${didYouMean(name, names)}${has}`,
		);
	}
	return { component, parameter };
}

function sourceOf({ bound }: Effective): string {
	if (bound === undefined) {
		return 'its default';
	}
	const { span, scope } = bound.binding;
	return `${placeOf(span, scope).shown}${scope === '' ? '' : ` in the scope ${scope}`}`;
}

function expectation({ type, unit, default: fallback }: ParameterInfo): string {
	const inUnit = unit === undefined ? '' : ` in ${unit}`;
	return `${describeType(type)}${inUnit}${fallback === undefined ? '' : `, default ${reprValue(fromPlain(fallback, type), true)}`}`;
}

// What the macros in a value stand for, and those in theirs.
function macrosOf(config: EffectiveConfig, value: Value, seen = new Set<string>()): string[] {
	const lines: string[] = [];
	visitValue(value, (part) => {
		const path = part.type === 'macro' ? joinScope(part.scope, part.name) : '';
		const macro = path === '' ? undefined : config.checked.lookup.macro(path);
		if (macro !== undefined && !seen.has(macro.path)) {
			seen.add(macro.path);
			lines.push(`  where ${macro.path} = ${reprValue(macro.value, true)} from ${formatPosition(macro.span)}`);
			lines.push(...macrosOf(config, macro.value, seen));
		}
	});
	return lines;
}

function ofMacro(config: EffectiveConfig, path: string): string[] {
	const { checked, merged } = config;
	const macro = checked.lookup.macro(path);
	if (macro === undefined) {
		throw new UsageError(
			'config.unknown_macro',
			`%${path} is not defined.${didYouMean(path, checked.lookup.macros.keys())}`,
		);
	}
	const written = merged.macros.find(({ scope, name }) => joinScope(scope, name) === macro.path);
	return [
		`${macro.path} = ${reprValue(macro.value, true)}`,
		`  from ${formatPosition(macro.span)}`,
		...(written?.overrode ?? []).map(
			({ value, span }) => `  over ${reprValue(value, true)} from ${formatPosition(span)}`,
		),
		...macrosOf(config, macro.value, new Set([macro.path])),
	];
}
