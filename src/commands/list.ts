import { UsageError } from '../core/errors.ts';
import { largest } from '../core/extremes.ts';
import { didYouMean } from '../core/suggest.ts';
import { visible } from '../core/visible.ts';
import { reprValue } from '../gin/repr.ts';
import type { ComponentInfo, ParameterInfo } from '../registry/catalog.ts';
import { fromPlain } from '../registry/plain.ts';
import { describeType } from '../registry/type-spec.ts';
import { type Known, knownComponents } from './catalog.ts';
import type { Program } from './main.ts';
import { printJson } from './output.ts';

/** `bin/list.ts`: every component with its parameters; no tensor library is loaded. */
export const list: Program = {
	name: 'list',
	define(command, io) {
		command
			.description('List components with their parameters, types, defaults and units.')
			.argument('[name]', 'a kind, such as model, or one component')
			.option('--json', 'print JSON')
			.action(async (name: string | undefined, options: { json?: boolean }) => {
				const known = await knownComponents();
				const components = chosen(known, name);
				if (options.json) {
					printJson(io, components);
				} else {
					io.stdout.write(components.map(describeComponent).join('\n'));
				}
			});
	},
};

function chosen({ kinds, catalog }: Known, name: string | undefined): ComponentInfo[] {
	if (name === undefined) {
		return kinds.flatMap((kind) => catalog.all(kind.name));
	}
	const kind = kinds.find((candidate) => candidate.name === name || candidate.folder === name);
	if (kind !== undefined) {
		return catalog.all(kind.name);
	}
	const found = catalog.component(name);
	if (found === undefined) {
		const legal = [...kinds.map((candidate) => candidate.name), ...catalog.names()];
		const shown = kinds.map((candidate) => candidate.name).join(', ');
		throw new UsageError(
			'list.unknown',
			`There is no kind or component named "${name}".${didYouMean(name, legal)} Kinds: ${shown}.`,
		);
	}
	return [found];
}

/** A component as a paragraph: its name, kind and sentence, then a line or two per parameter. */
export function describeComponent({ name, kind, description, parameters }: ComponentInfo): string {
	const heads = parameters.map((parameter) => `  ${name}.${parameter.name}`);
	const width = Math.max(0, largest(heads.map((head) => head.length)));
	const lines = parameters.map((parameter, index) => `${heads[index]!.padEnd(width)}  ${describeParameter(parameter)}`);
	return `${[`${name} (${kind})  ${description}`.trimEnd(), ...lines].map(visible).join('\n')}\n`;
}

function describeParameter(parameter: ParameterInfo): string {
	const { type, unit, description, aliases, required } = parameter;
	const parts = [
		`${describeType(type)}${unit === undefined ? '' : ` in ${unit}`}`,
		required ? 'required' : defaultOf(parameter),
		description,
		...(aliases.length === 0 ? [] : [`Also called ${aliases.join(', ')}.`]),
	];
	return parts.filter((part) => part !== '').join('; ');
}

function defaultOf(parameter: ParameterInfo): string {
	return parameter.default === undefined
		? 'optional'
		: `default ${reprValue(fromPlain(parameter.default, parameter.type), true)}`;
}
