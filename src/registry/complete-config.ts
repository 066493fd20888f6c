import type { Value } from '../gin/ast.ts';
import { spelled } from '../gin/model/cells.ts';
import { requiredName } from '../gin/model/constants.ts';
import { enclosing, joinScope } from '../gin/model/scopes.ts';
import { printBinding } from '../gin/printer.ts';
import { reprValue } from '../gin/repr.ts';
import type { Lookup } from './lookup.ts';
import type { Plugin } from './plugins.ts';
import type { Node, Reached } from './reachability.ts';
import { Secrets } from './secrets.ts';

export interface CompleteOptions {
	/** Lines without `#` at the top; what the file is when left out. */
	readonly header?: readonly string[];
	/** Imported by their whole paths: the config may be read from any directory. */
	readonly plugins?: readonly Plugin[];
}

const defaultHeader = [
	'The complete config: every value of everything that is built, defaults included.',
	'It stands alone, and read again it gives the same effective config.',
];

/** A config as one re-readable text: plug-ins, macros, and each component's parameters with their values. */
export function completeConfig(reached: Reached, lookup: Lookup, options: CompleteOptions = {}): string {
	const { header = defaultHeader, plugins = [] } = options;
	const imports = [...new Set(plugins.map(({ path, origin }) => `import '${quoted(origin ?? path)}'`))];
	const secrets = new Secrets(reached.nodes, lookup);
	const macros = lookup.macros
		.filter((macro) => reached.named.has(macro) && !secrets.hasMacro(macro))
		.map((macro) => ({ key: spelled(macro), value: macro.value }))
		.sort((a, b) => (a.key < b.key ? -1 : 1))
		.map(({ key, value }) => printed(key, value));
	const singletons = lookup.singletons
		.filter((binding) => reached.bindings.has(binding))
		.map((binding) => printed(spelled(binding), binding.value));
	const nodes = byId(reached.nodes);
	const sections = reached.nodes.map((node) => section(node, nodes, secrets)).filter((text) => text !== '');
	const blocks = [
		header.map((line) => `# ${line}`.trimEnd()).join('\n'),
		imports.join('\n'),
		macros.length === 0 ? '' : titled('Macros', macros),
		singletons.length === 0 ? '' : titled('Singletons', singletons),
		...sections,
	];
	return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function section(node: Node, nodes: ReadonlyMap<string, Node>, secrets: Secrets): string {
	const { component, scope, parameters } = node;
	const path = joinScope(scope, component.name);
	const lines = parameters.flatMap(({ parameter, value, bound }) => {
		const { name } = parameter;
		if (value === undefined || isInherited(node, name, reprValue(value, true), nodes)) {
			return [];
		}
		const shown = bound === undefined ? value : secrets.repeatable(value, parameter);
		const about = shown !== value && isRequired(shown) ? ['# A secret, which is not recorded: it must be given.'] : [];
		return [...about, printed(`${path}.${name}`, shown)];
	});
	return lines.length === 0 ? '' : titled(`Parameters for ${path}`, lines);
}

function isRequired(value: Value): boolean {
	return value.type === 'macro' && value.name === requiredName;
}

// A scope need only say what it has different from the nearest enclosing scope that is written down.
function isInherited(node: Node, parameter: string, text: string, nodes: ReadonlyMap<string, Node>): boolean {
	const outer = enclosing(node.scope)
		.slice(1)
		.map((scope) => nodes.get(joinScope(scope, node.component.name)))
		.find((found) => found !== undefined);
	const value = outer?.parameters.find((effective) => effective.parameter.name === parameter)?.value;
	return value !== undefined && reprValue(value, true) === text;
}

function byId(nodes: readonly Node[]): Map<string, Node> {
	return new Map(nodes.map((node) => [joinScope(node.scope, node.component.name), node]));
}

function titled(title: string, lines: readonly string[]): string {
	return [`# ${title}:`, `# ${'='.repeat(78)}`, ...lines].join('\n');
}

function printed(key: string, value: Parameters<typeof printBinding>[1]): string {
	return printBinding(key, value, { extensions: true, maxLineLength: 100 });
}

function quoted(path: string): string {
	return path.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
