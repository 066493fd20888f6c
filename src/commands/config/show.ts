import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Merged } from '../../gin/merge/merged.ts';
import { formatPosition } from '../../gin/positions.ts';
import { printBinding } from '../../gin/printer.ts';
import { reprValue } from '../../gin/repr.ts';
import { parameterOf } from '../../registry/catalog.ts';
import { completeConfig } from '../../registry/complete-config.ts';
import { type Effective, joinScope, parseKey } from '../../registry/lookup.ts';
import { originOf, placeOf, showOrigin } from '../../registry/origin.ts';
import { describeType } from '../../registry/type-spec.ts';
import type { Io } from '../main.ts';
import type { ConfigOptions } from '../training-config.ts';
import { type EffectiveConfig, effectiveConfig } from './effective.ts';

export interface ShowOptions extends ConfigOptions {
	readonly origins?: boolean;
	readonly json?: boolean;
	readonly why?: string;
	readonly chain?: boolean;
	readonly scope?: string;
}

/** Prints what a config means. */
export async function showConfig(
	files: readonly string[],
	options: ShowOptions,
	io: Pick<Io, 'stdout'>,
): Promise<void> {
	const config = await effectiveConfig(files, options, options.scope);
	io.stdout.write(shown(config, options));
}

/** Prints a config as one file that stands alone. */
export async function expandConfig(
	files: readonly string[],
	options: ConfigOptions,
	io: Pick<Io, 'stdout'>,
): Promise<void> {
	const { checked, plugins } = await effectiveConfig(files, options);
	io.stdout.write(completeConfig(checked.reached, checked.lookup, { plugins }));
}

function shown(config: EffectiveConfig, options: ShowOptions): string {
	if (options.why !== undefined) {
		return options.why.startsWith('%')
			? whyMacro(config, options.why.slice(1))
			: why(config, options.why, options.scope ?? '');
	}
	if (options.chain) {
		return chain(config.merged);
	}
	return options.json
		? `${JSON.stringify(config.operative, undefined, '\t')}\n`
		: listing(config, options.origins ?? false);
}

function listing({ checked }: EffectiveConfig, withOrigins: boolean): string {
	const lines = checked.reached.nodes.flatMap(({ component, scope, parameters }) =>
		parameters.flatMap((effective) => {
			if (effective.value === undefined) {
				return [];
			}
			const key = `${joinScope(scope, component.name)}.${effective.parameter.name}`;
			const binding = printBinding(key, effective.value, { extensions: true, maxLineLength: 100 });
			return [withOrigins ? `${binding}  # ${originText(effective)}` : binding];
		}),
	);
	return `${lines.join('\n')}\n`;
}

function originText(effective: Effective): string {
	const over = effective.overrode.map(
		({ value, span, scope }) =>
			`over ${reprValue(value, true)} (${scope === '' ? '' : `scope ${scope}, `}${formatPosition(span)})`,
	);
	return [showOrigin(originOf(effective)), ...over].join(', ');
}

function why({ checked, catalog }: EffectiveConfig, name: string, outer: string): string {
	const key = parseKey(name);
	const component = catalog.select(key.name).found;
	if (component === undefined) {
		throw new UsageError(
			'config.unknown_component',
			`There is no component named "${key.name}".${didYouMean(key.name, catalog.names())}`,
		);
	}
	const parameter = parameterOf(component, key.parameter!);
	if (parameter === undefined) {
		const names = component.parameters.map((known) => known.name);
		throw new UsageError(
			'config.unknown_parameter',
			`${component.name} has no parameter "${key.parameter}".${didYouMean(key.parameter!, names)}`,
		);
	}
	const scope = key.scope === '' ? outer : joinScope(outer, key.scope);
	const effective = checked.lookup.effective(component, scope).find((found) => found.parameter === parameter)!;
	const path = `${joinScope(scope, component.name)}.${parameter.name}`;
	const isReached = checked.reached.nodes.some(
		(node) => node.component.name === component.name && node.scope === scope,
	);
	const from =
		effective.bound === undefined
			? 'its default'
			: placeOf(effective.bound.binding.span, effective.bound.binding.scope).shown;
	const wonIn = effective.bound?.binding.scope ?? '';
	const lines = [
		`${path} ${effective.value === undefined ? 'has no value' : `= ${reprValue(effective.value, true)}`}`,
		...(effective.value === undefined ? [] : [`  from ${from}${wonIn === '' ? '' : ` in the scope ${wonIn}`}`]),
		...effective.overrode.map(
			({ value, span, scope: lost }) =>
				`  over ${reprValue(value, true)} from ${formatPosition(span)}${lost === '' ? '' : ` in the scope ${lost}`}`,
		),
		`  expects ${describeType(parameter.type)}${parameter.unit === undefined ? '' : ` in ${parameter.unit}`}${parameter.default === undefined ? '' : `, default ${JSON.stringify(parameter.default)}`}`,
		...(parameter.description === '' ? [] : [`  ${parameter.description}`]),
		...(isReached ? [] : [`  not used: "${joinScope(scope, component.name)}" is not built by this config`]),
	];
	return `${lines.join('\n')}\n`;
}

function whyMacro({ checked }: EffectiveConfig, path: string): string {
	const macro = checked.lookup.macro(path);
	if (macro === undefined) {
		throw new UsageError(
			'config.unknown_macro',
			`%${path} is not defined.${didYouMean(path, checked.lookup.macros.keys())}`,
		);
	}
	return `${macro.path} = ${reprValue(macro.value, true)}\n  from ${formatPosition(macro.span)}\n`;
}

function chain({ files, chain: steps, uses, environment, imports }: Merged): string {
	const lines = [
		...files.map(({ path, via, from }) => (from === undefined ? path : `${path}  ${via} at ${formatPosition(from)}`)),
		...steps.map(({ child, parent }) => `${child} extends ${parent}`),
		...uses.map(
			({ group, choice, path, span, fromCommandLine }) =>
				`use ${group} = ${choice}  ${path}, chosen ${fromCommandLine ? 'by --use' : `at ${formatPosition(span)}`}`,
		),
		...imports.map(({ statement }) => `import ${statement.module}  at ${formatPosition(statement.span)}`),
		...environment.map(
			({ name, found, span }) =>
				`env ${name}  ${found === undefined ? 'not set' : JSON.stringify(found)}, at ${formatPosition(span)}`,
		),
	];
	return `${lines.join('\n')}\n`;
}
