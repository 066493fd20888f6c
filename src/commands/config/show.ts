import { UsageError } from '../../core/errors.ts';
import { isSecretName } from '../../core/secret-names.ts';
import { visible, visibleJson } from '../../core/visible.ts';
import type { Value } from '../../gin/ast.ts';
import type { Merged } from '../../gin/merge/merged.ts';
import { isScope } from '../../gin/model/identifiers.ts';
import { joinScope } from '../../gin/model/scopes.ts';
import { formatPosition } from '../../gin/positions.ts';
import { printBinding } from '../../gin/printer.ts';
import { reprValue } from '../../gin/repr.ts';
import { completeConfig } from '../../registry/complete-config.ts';
import type { Effective } from '../../registry/lookup.ts';
import { originOf, showOrigin } from '../../registry/origin.ts';
import { mask, Secrets } from '../../registry/secrets.ts';
import type { Io } from '../main.ts';
import type { ConfigOptions } from '../training-config.ts';
import { type EffectiveConfig, effectiveConfig } from './effective.ts';
import { recordedConfig, shownRecord } from './recorded.ts';
import { explain } from './why.ts';

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
	requireScope(options.scope);
	const recorded = files.length === 1 ? recordedConfig(files[0]!) : undefined;
	if (recorded?.operative !== undefined && isOfRecord(options)) {
		io.stdout.write(shownRecord(recorded.operative, options));
		return;
	}
	const own = recorded === undefined ? options : { ...options, record: files[0]! };
	const config = await effectiveConfig(recorded === undefined ? files : [recorded.config], own, options.scope);
	io.stdout.write(shown(config, options));
}

// Lines of one's own, and other views, ask the recorded config itself.
function isOfRecord({ chain: showsChain, scope, binding, use, why }: ShowOptions): boolean {
	const isParameter = why === undefined || /^[^%@]*\.[^.]+$/u.test(why);
	return !showsChain && scope === undefined && binding.length === 0 && use.size === 0 && isParameter;
}

function requireScope(scope: string | undefined): void {
	if (scope !== undefined && scope !== '' && !isScope(scope)) {
		throw new UsageError('config.bad_scope', `"${scope}" is no scope: write names with "/" between them, as in a/b.`);
	}
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
		return explain(config, options.why, options.scope ?? '');
	}
	if (options.chain) {
		return chain(config.merged);
	}
	return options.json ? `${visibleJson(config.operative)}\n` : listing(config, options.origins ?? false);
}

function listing({ checked }: EffectiveConfig, withOrigins: boolean): string {
	const secrets = new Secrets(checked.reached.nodes, checked.lookup);
	const lines = checked.reached.nodes.flatMap(({ component, scope, parameters }) =>
		parameters.flatMap((effective) => {
			if (effective.value === undefined) {
				return [];
			}
			const key = `${joinScope(scope, component.name)}.${effective.parameter.name}`;
			const shown = (value: Value) =>
				effective.bound === undefined ? value : secrets.masked(value, effective.parameter);
			const binding = printBinding(key, shown(effective.value), { extensions: true, maxLineLength: 100 });
			return [withOrigins ? `${binding}  # ${visible(originText(effective, shown))}` : binding];
		}),
	);
	return `${lines.join('\n')}\n`;
}

function originText(effective: Effective, shown: (value: Value) => Value): string {
	const over = effective.overrode.map(
		({ value, span, scope }) =>
			`over ${reprValue(shown(value), true)} (${scope === '' ? '' : `scope ${scope}, `}${formatPosition(span)})`,
	);
	return [showOrigin(originOf(effective)), ...over].join(', ');
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
		...environment.map(({ name, found, span }) => `env ${name}  ${variable(name, found)}, at ${formatPosition(span)}`),
	];
	return `${lines.map(visible).join('\n')}\n`;
}

function variable(name: string, found: string | undefined): string {
	return found === undefined ? 'not set' : isSecretName(name) ? mask : JSON.stringify(found);
}
