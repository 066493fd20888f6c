import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { visible } from '../../core/visible.ts';
import type { Value } from '../../gin/ast.ts';
import type { MergedBinding } from '../../gin/merge/merged.ts';
import { type Cell, isMacroCell, isSingletonCell, spelled } from '../../gin/model/cells.ts';
import { joinScope } from '../../gin/model/scopes.ts';
import { formatPosition } from '../../gin/positions.ts';
import { reprValue } from '../../gin/repr.ts';
import type { ParameterInfo } from '../../registry/catalog.ts';
import { findParameter } from '../../registry/find-parameter.ts';
import type { Effective } from '../../registry/lookup.ts';
import { placeOf } from '../../registry/origin.ts';
import { fromPlain } from '../../registry/plain.ts';
import { describeType } from '../../registry/type-spec.ts';
import type { EffectiveConfig } from './effective.ts';

/** Explains one value, by any of its names: `component.parameter`, `scope/component.parameter` or `%macro`. */
export function explain(config: EffectiveConfig, name: string, outer: string): string {
	const { lookup } = config.checked;
	const cell = lookup.cell(name);
	const lines = isMacroCell(cell)
		? ofBinding(config, `%${cell.scope}`, lookup.table.macro(cell.scope))
		: isSingletonCell(cell)
			? ofBinding(config, `@${cell.scope}/gin.singleton()`, lookup.table.singleton(cell.scope))
			: ofParameter(config, cell, outer);
	return `${lines.map(visible).join('\n')}\n`;
}

function ofParameter(config: EffectiveConfig, cell: Cell, outer: string): string[] {
	const { checked, catalog } = config;
	const { component, parameter } = findParameter(catalog, cell.selector, cell.parameter);
	const scope = cell.scope === '' ? outer : joinScope(outer, cell.scope);
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
function macrosOf({ checked }: EffectiveConfig, value: Value, seen = new Set<MergedBinding>()): string[] {
	const lines: string[] = [];
	const { reading } = checked.lookup;
	const next = reading.macrosIn(value);
	for (let macro = next.shift(); macro !== undefined; macro = next.shift()) {
		if (!seen.has(macro)) {
			seen.add(macro);
			lines.push(`  where ${spelled(macro)} = ${reprValue(macro.value, true)} from ${formatPosition(macro.span)}`);
			next.unshift(...reading.usesOf(macro));
		}
	}
	return lines;
}

function ofBinding(config: EffectiveConfig, name: string, binding: MergedBinding | undefined): string[] {
	if (binding === undefined) {
		const { macros, singletons } = config.checked.lookup;
		const near = didYouMean(
			name.replace(/^[%@]|\/gin\.singleton\(\)$/gu, ''),
			[...macros, ...singletons].map(({ scope }) => scope),
		);
		throw new UsageError('config.unknown_macro', `${name} is not defined.${near}`);
	}
	return [
		`${spelled(binding)} = ${reprValue(binding.value, true)}`,
		`  from ${formatPosition(binding.span)}`,
		...binding.overrode.map(({ value, span }) => `  over ${reprValue(value, true)} from ${formatPosition(span)}`),
		...macrosOf(config, binding.value, new Set([binding])),
	];
}
