import type { Merged, MergedBinding } from '../gin/merge/merged.ts';
import { encloses, joinScope } from '../gin/model/scopes.ts';
import { positionOf } from '../gin/positions.ts';
import { parameterHint } from './dead.ts';
import type { Bound, Lookup } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';
import type { Node, Reached } from './reachability.ts';

/** Bindings and macros that cannot have any effect, each with the reason. */
export function unused(merged: Merged, lookup: Lookup, reached: Reached, roots: readonly string[]): Mismatch[] {
	const nodes = new Map<string, Node[]>();
	for (const node of reached.nodes) {
		const list = nodes.get(node.component.name);
		if (list === undefined) {
			nodes.set(node.component.name, [node]);
		} else {
			list.push(node);
		}
	}
	const doubtful = doubtfulNames(merged, lookup, reached);
	const bindings = lookup.bounds
		.filter(({ component: { name, kind } }) => !doubtful.has(name) && !reached.doubtfulKinds.has(kind))
		.filter(({ binding }) => !reached.bindings.has(binding))
		.map((bound) => unusedBinding(bound, nodes.get(bound.component.name) ?? [], roots));
	const singletons = lookup.singletons
		.filter((binding) => !reached.bindings.has(binding))
		.map(({ scope, key }) => ({
			code: 'config.unused_binding',
			span: key,
			message: `the singleton "${scope}" is never asked for: nothing used says @${scope}/gin.singleton()`,
		}));
	return [...bindings, ...singletons, ...unusedMacros(merged, lookup, reached)];
}

// Whether a component is used that stands in a line that could not be read cannot be said.
function doubtfulNames(merged: Merged, { catalog }: Lookup, reached: Reached): Set<string> {
	const names = merged.broken.flatMap((value) =>
		value.type === 'reference' ? (catalog.component(value.selector)?.name ?? []) : [],
	);
	return new Set([...reached.doubtful, ...names]);
}

function unusedBinding(
	{ binding, component, parameter }: Bound,
	nodes: readonly Node[],
	roots: readonly string[],
): Mismatch {
	const { scope, key } = binding;
	const name = joinScope(scope, `${component.name}.${parameter.name}`);
	if (nodes.length === 0) {
		const message = `${name} has no effect: nothing that ${roots.join(', ')} ${roots.length === 1 ? 'needs' : 'need'} uses the ${component.kind} "${component.name}"`;
		return { code: 'config.unused_binding', span: key, message };
	}
	const inside = nodes.filter((node) => encloses(scope, node.scope));
	if (inside.length === 0) {
		const scopes = [...new Set(nodes.map((node) => (node.scope === '' ? 'no scope' : `"${node.scope}"`)))];
		const message = `${name} has no effect: "${component.name}" is never built in the scope "${scope}", only in ${scopes.join(', ')}`;
		return { code: 'config.unreachable_scope', span: key, message };
	}
	const winners = new Set(inside.map((node) => winnerOf(node, parameter.name)));
	const message = `${name} has no effect: ${[...winners].join(' and ')} ${winners.size === 1 ? 'wins' : 'win'} wherever "${component.name}" is built`;
	return { code: 'config.shadowed', span: key, message };
}

function winnerOf({ parameters }: Node, name: string): string {
	const bound = parameters.find(({ parameter }) => parameter.name === name)?.bound;
	if (bound === undefined) {
		return 'another value';
	}
	const { scope, span, writtenParameter } = bound.binding;
	return `${joinScope(scope, `${bound.component.name}.${writtenParameter}`)} (${span.source.name}:${positionOf(span.source, span.start).line})`;
}

function unusedMacros(
	{ macros, broken, bindings, joinedMacros }: Merged,
	{ reading }: Lookup,
	reached: Reached,
): Mismatch[] {
	// A macro that some line mentions is not dead by itself: the line is, and it is reported.
	const mentioned = new Set<MergedBinding>();
	const next = [
		...reached.bindings,
		...joinedMacros,
		...[...broken, ...bindings.map(({ value }) => value)].flatMap((value) => reading.macrosIn(value)),
	];
	for (let binding = next.pop(); binding !== undefined; binding = next.pop()) {
		if (!mentioned.has(binding)) {
			mentioned.add(binding);
			next.push(...reading.usesOf(binding));
		}
	}
	return macros
		.filter((macro) => !mentioned.has(macro))
		.map(({ scope, key }) => ({
			code: 'config.unused_macro',
			span: key,
			message:
				scope === ''
					? 'the default of all macros is never used: every macro that is used has a value of its own'
					: `the macro ${scope} is never used: nothing says %${scope}${parameterHint(scope, reached)}`,
		}));
}
