import { ConfigError, type Problem, UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Span, Value } from '../gin/ast.ts';
import type { Merged, MergedBinding } from '../gin/merge/merged.ts';
import { isPassedOver, type Policy, strict } from '../gin/model/policy.ts';
import { deepest, joinScope, splitScope } from '../gin/model/scopes.ts';
import { formatPosition } from '../gin/positions.ts';
import { BlockHeaders } from './block-headers.ts';
import type { Catalog } from './catalog.ts';
import { TypeCheck } from './check-types.ts';
import { deadEntries, deadLines, inheritedMacros, namedTwice } from './dead.ts';
import { Lookup, type ValueMeaning } from './lookup.ts';
import type { Mismatch } from './mismatch.ts';
import { missingValues } from './missing.ts';
import { inOrder, problemsOf, withoutKnockOns } from './problem-order.ts';
import { type Node, type Reached, reach } from './reachability.ts';
import { anyType } from './type-spec.ts';
import { allKnown, deepScopes, endlessMacros, known, unresolvedInMacros } from './unresolved.ts';
import { unused } from './unused.ts';

export interface CheckOptions {
	/** Bindings and macros that nothing uses are no problem (`--allow-unused`), and what is bound twice is a notice. */
	readonly allowUnused?: boolean;
	/** What is not to be as strict as it is in programs. */
	readonly policy?: Partial<Policy>;
	/** Named values that code declared, by dotted name. */
	readonly constants?: ReadonlyMap<string, Value>;
	/** What a schema's own rules say of a bound value, where its code is at hand. */
	readonly refine?: Refine;
	/** Rules over a config as a whole. */
	readonly rules?: readonly Rule[];
	/** For rules that ask what only an instance knows. */
	readonly instanceOf?: InstanceOf;
}

/** What is wrong with everything that will be built, taken together. */
export type Rule = (reached: Reached, lookup: Lookup, instanceOf: InstanceOf) => readonly Mismatch[];

/** A component as it would be built; undefined where its code is not at hand, or where that fails. */
export type InstanceOf = (node: Node, lookup: Lookup) => object | undefined;

// Mistakes in spite of which it is known which components there will be.
const leavesComponents = new Set([
	'config.unknown_parameter',
	'config.out_of_range',
	'config.invalid_value',
	'config.unknown_choice',
	'config.named_twice',
]);

const noInstances: InstanceOf = () => undefined;

/** What the schemas themselves say of values that are right by type; each message without the name. */
export interface Refine {
	parameter(component: string, parameter: string, meaning: ValueMeaning, lookup: Lookup): readonly string[];
	/** Rules over several parameters of one component. */
	component(node: Node, lookup: Lookup): readonly string[];
}

/** A config that has been looked at. */
export interface Checked {
	readonly problems: readonly Problem[];
	/** Worth a line on stderr, no reason to stop. */
	readonly notices: readonly string[];
	readonly reached: Reached;
	readonly lookup: Lookup;
}

/**
 * Checks a merged config against the components, starting from `roots` (`train`, or `expert_3/train`).
 *
 * Everything wrong is collected, in the order of the files; nothing is built.
 */
export function check(merged: Merged, catalog: Catalog, roots: readonly string[], options: CheckOptions = {}): Checked {
	for (const root of roots) {
		requireRoot(root, catalog);
	}
	const lookup = new Lookup(merged, catalog, options.constants);
	const reached = reach(roots, lookup);
	const headers = new BlockHeaders();
	const types = new TypeCheck(lookup);
	const policy = policyOf(options);
	const [passedOver, misplaced] = divided(lookup.unplaced, (binding) => isOver(binding, lookup, policy));
	const found: Mismatch[] = [
		...misplaced.map((binding) => unplaced(binding, lookup, headers)),
		...wrongValues(lookup, types, policy.types ? options.refine : undefined, policy, reached),
		...brokenRules(reached, lookup, policy.types ? options.refine : undefined),
		...unresolvedInMacros(usedMacros(merged, reached, policy), lookup),
		...inheritedMacros(merged, lookup),
		...deepScopes(merged),
		...endlessMacros(lookup),
		...endlessComponents(reached),
		...wrongDefaults(reached, types),
		...missingValues(reached, lookup),
		...namedTwice(reached, lookup),
	];
	const { rules = [], instanceOf = noInstances } = options;
	// What is wrong in a part says more than what follows from it for the whole.
	const isWhole = merged.problems.length === 0 && found.every(({ code }) => leavesComponents.has(code));
	found.push(...(isWhole ? rules.flatMap((rule) => rule(reached, lookup, instanceOf)) : []));
	const dead = [...deadLines(merged), ...deadEntries(merged)];
	found.push(...(policy.duplicates ? dead : []), ...(policy.unused ? unused(merged, lookup, reached, roots) : []));
	const later = withoutKnockOns(problemsOf(found, merged), merged.problems);
	const problems = inOrder([...merged.problems, ...later], merged);
	const notices = [
		...aliasNotices(lookup),
		...(policy.duplicates ? [] : dead.map(noticeOf)),
		...passedOver.map(
			({ key, written }) => `${formatPosition(key)}: passed over, for no component is called "${written}".`,
		),
	];
	return { problems: policy.atFirst ? problems.slice(0, 1) : problems, notices, reached, lookup };
}

function usedMacros({ macros }: Merged, { bindings }: Reached, { unknown }: Policy): Pick<Merged, 'macros'> {
	return { macros: unknown === 'error' ? macros : macros.filter((macro) => bindings.has(macro)) };
}

function policyOf({ allowUnused = false, policy = {} }: CheckOptions): Policy {
	return { ...strict, ...(allowUnused ? { unused: false, duplicates: false } : {}), ...policy };
}

function isOver({ selector }: MergedBinding, { catalog }: Lookup, { unknown }: Policy): boolean {
	return catalog.select(selector).candidates?.length === 0 && isPassedOver(selector, unknown);
}

function divided<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
	const parts: readonly [T[], T[]] = [[], []];
	for (const item of items) {
		parts[isFirst(item) ? 0 : 1].push(item);
	}
	return parts;
}

function noticeOf({ span, message }: Mismatch): string {
	return `${span === undefined ? '' : `${formatPosition(span)}: `}${message}.`;
}

/** Throws a ConfigError that lists every problem, if there are any. */
export function assertSound({ problems }: Pick<Checked, 'problems'>): void {
	if (problems.length > 0) {
		throw new ConfigError(problems);
	}
}

function requireRoot(root: string, catalog: Catalog): void {
	const [, name] = splitScope(root);
	if (catalog.component(name) === undefined) {
		throw new UsageError(
			'config.unknown_root',
			`There is no component named "${name}".${didYouMean(name, catalog.names())}`,
		);
	}
}

function unplaced(binding: MergedBinding, { catalog, hints }: Lookup, headers: BlockHeaders): Mismatch {
	const { written, writtenParameter: parameter, key, scope } = binding;
	const { found, candidates = [] } = catalog.select(binding.selector);
	if (found !== undefined) {
		const legal = found.parameters.map(({ name }) => name);
		const near = didYouMean(parameter, [...legal, ...found.parameters.flatMap(({ aliases }) => aliases)]);
		const allowed = legal.length === 0 ? ' It has none.' : ` It has: ${legal.join(', ')}.`;
		const span = parameterSpan(key, parameter);
		return {
			code: 'config.unknown_parameter',
			span,
			message: `${found.name} has no parameter "${parameter}".${near}${allowed}`,
		};
	}
	// An unknown header of a block is one mistake at one place, however many lines the block has.
	const span = headers.of(binding) ?? selectorSpan(key, scope, written);
	if (candidates.length > 0) {
		const message = `"${written}" may mean ${candidates.join(' or ')}: write one of them whole`;
		return { code: 'config.ambiguous_component', span, message };
	}
	const legal = allKnown(catalog);
	const near = hints.didYouMean(written, 'all', () => legal);
	const message = `there is no component named "${written}".${near === '' ? ` ${known('component', legal)}` : near}`;
	return { code: 'config.unknown_component', span, message };
}

function wrongValues(
	lookup: Lookup,
	types: TypeCheck,
	refine: Refine | undefined,
	policy: Policy,
	reached: Reached,
): Mismatch[] {
	return lookup.bounds.flatMap(({ binding, component, parameter }) => {
		const label = `${component.name}.${parameter.name}`;
		const all = types.mismatches(binding.value, policy.types ? parameter.type : anyType, label, binding.span);
		// A reference that is passed over matters where it is used.
		const isOver = policy.unknown !== 'error' && !reached.bindings.has(binding);
		const wrong = isOver ? all.filter(({ code }) => code !== 'config.unknown_component') : all;
		const meaning = lookup.reading.of(binding.value, parameter.type);
		if (wrong.length > 0 || !parameter.refined || refine === undefined || meaning.is === 'required') {
			return wrong;
		}
		const span = binding.value.span ?? binding.span;
		return refine
			.parameter(component.name, parameter.name, meaning, lookup)
			.map((message) => ({ code: 'config.invalid_value', span, message: `${label} ${message}` }));
	});
}

function endlessComponents({ cycles, tooDeep }: Reached): Mismatch[] {
	const found = cycles.map(({ chain, span }) => ({
		code: 'config.reference_cycle',
		span,
		message: `references lead back to themselves: ${chain.join(' -> ')}`,
	}));
	const message = `more than ${deepest} components need one another in a row`;
	return tooDeep === undefined ? found : [...found, { code: 'config.reference_depth', ...tooDeep, message }];
}

function brokenRules({ nodes }: Reached, lookup: Lookup, refine: Refine | undefined): Mismatch[] {
	return nodes
		.filter(({ component }) => component.refined)
		.flatMap((node) => {
			const bound = node.parameters.find((effective) => effective.bound !== undefined)?.bound;
			const span = bound?.binding.span ?? node.from;
			const messages = refine?.component(node, lookup) ?? [];
			return messages.map((message) => ({
				code: 'config.invalid_value',
				span,
				message: `${node.component.name}: ${message}`,
			}));
		});
}

// A default can be wrong too: it may name a component that is not here.
function wrongDefaults({ nodes }: Reached, types: TypeCheck): Mismatch[] {
	return nodes.flatMap(({ component, parameters }) =>
		parameters.flatMap(({ parameter, value, bound }) =>
			bound === undefined && value !== undefined
				? types.mismatches(value, parameter.type, `${component.name}.${parameter.name} (by default)`, undefined)
				: [],
		),
	);
}

// In a block the key is the parameter alone.
function parameterSpan(key: Span, parameter: string): Span {
	const text = key.source.text.slice(key.start, key.end);
	const at = text.lastIndexOf(parameter);
	return at === -1 ? key : { ...key, start: key.start + at, end: key.start + at + parameter.length };
}

function selectorSpan(key: Span, scope: string, written: string): Span {
	const text = key.source.text.slice(key.start, key.end);
	const start = scope === '' ? 0 : scope.length + 1;
	return text.startsWith(joinScope(scope, written))
		? { ...key, start: key.start + start, end: key.start + start + written.length }
		: key;
}

function aliasNotices({ bounds }: Lookup): string[] {
	return bounds.flatMap(({ alias, component: { name }, parameter, binding }) =>
		alias === undefined
			? []
			: [`${formatPosition(binding.key)}: ${name}.${alias} is another name of ${name}.${parameter.name}.`],
	);
}
