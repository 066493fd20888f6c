import type { DictValue, MacroValue, ReferenceValue, Value } from '../../../src/gin/ast.ts';
import type { Vocabulary } from '../../../src/gin/model/cells.ts';
import { macroRequest, requestOf } from '../../../src/gin/model/requests.ts';
import { splitScope } from '../../../src/gin/model/scopes.ts';
import type { Configurable, Target } from './configurable.ts';
import { type Datum, makeDict, type ResolvedReference, type UnknownReference } from './data.ts';
import { ambiguousConstant, ambiguousSelector, frameAt, GinError, withFrame } from './gin-error.ts';
import { importedName, selectorModule } from './imports.ts';
import { adoptMethods, register } from './register.ts';
import type { ModuleObject, State } from './state.ts';

/** Whether unknown names are passed over: all of them, none, or those listed (spelled exactly so, without scope). */
export type SkipUnknown = boolean | ReadonlySet<string>;

/** Whether a selector is unknown and to be passed over. */
export function shouldSkip(state: State, selector: string, skip: SkipUnknown): boolean {
	if (skip === false || state.registry.matching(selector).length > 0) {
		return false;
	}
	return skip === true || skip.has(selector);
}

/** The configurable that a selector means where the active text stands. */
export function lookUp(state: State, selector: string): Configurable | undefined {
	if (state.context.isDynamic) {
		return lookUpAttribute(state, selector);
	}
	const { found, candidates = [] } = state.registry.select(selector);
	if (candidates.length > 0) {
		throw ambiguousSelector(selector, candidates);
	}
	return found;
}

/** The error for a selector that means nothing. */
export function unknownConfigurable(selector: string): GinError {
	return new GinError('unknown_configurable', 'ValueError', `No configurable matching '${selector}'.`);
}

/** The error for a reference that means nothing. */
export function unknownReference(selector: string, evaluate: boolean, more = ''): GinError {
	const message = `No configurable matching reference '@${selector}${evaluate ? '()' : ''}'.${more}`;
	return new GinError('unknown_reference', 'ValueError', message);
}

/** `@scope/selector` or `@scope/selector()`. */
export function reference(state: State, scoped: string, evaluate: boolean): ResolvedReference {
	const [scope, selector] = splitScope(scoped);
	const request = requestOf({ scope, selector, evaluate }, vocabularyOf(state));
	if ('reason' in request) {
		throw unknownReference(selector, evaluate);
	}
	// Dynamic registration may have put it there just now.
	const configurable = lookUp(state, selector)!;
	const scopes = scope === '' ? [] : scope.split('/');
	if (scopes.length > 0) {
		adoptAll(state, configurable);
	}
	return { type: 'resolved', scopes, selector, evaluate, configurable };
}

/** `%scope/name`: the one constant that the name ends, else the macro. */
export function macroReference(state: State, written: string): ResolvedReference {
	const [scope, name] = splitScope(written);
	const request = macroRequest({ scope, name }, state.constants);
	if ('reason' in request) {
		throw ambiguousConstant(written, request.candidates);
	}
	return reference(state, `${request.scope}/${request.name}`, request.called);
}

// Names as the active text has them; one that may mean several is an error at once.
function vocabularyOf(state: State): Vocabulary {
	return {
		select: (selector) => ({ name: lookUp(state, selector)?.selector }),
		parameter: (_component, written) => written,
	};
}

/** A parsed value with its references looked up, in the order of the text. */
export function resolveValue(state: State, value: Value, skip: SkipUnknown): Datum {
	switch (value.type) {
		case 'list':
		case 'tuple':
			return { type: value.type, items: value.items.map((item) => resolveValue(state, item, skip)) };
		case 'dict':
			return resolveDict(state, value, skip);
		case 'reference':
		case 'macro':
			return resolveReference(state, value, skip);
		case 'env':
		case 'call':
			throw new TypeError('env() and other calls are not part of gin');
		default:
			return value;
	}
}

/** A reference or macro as gin sees it where it stands. */
export function resolveReference(
	state: State,
	value: ReferenceValue | MacroValue,
	skip: SkipUnknown,
): ResolvedReference | UnknownReference {
	const prefix = value.scope === '' ? '' : `${value.scope}/`;
	return withFrame(
		() => frameAt(value.span!),
		() => {
			if (value.type === 'macro') {
				return macroReference(state, `${prefix}${value.name}`);
			}
			const { selector, evaluate } = value;
			return shouldSkip(state, selector, skip)
				? { type: 'unknown', selector, evaluate }
				: reference(state, `${prefix}${selector}`, evaluate);
		},
	);
}

/** Makes the registered methods of a class part of it: gin does so when the class is first named with a scope. */
export function adoptAll(state: State, { selector, target }: Configurable): void {
	if (target.methods !== undefined) {
		adoptMethods(state, selector, [...target.methods.values()]);
	}
}

// Replaced entries count too where they name something unknown: gin looks everything up in the order of the text.
function resolveDict(state: State, { entries, dropped = [] }: DictValue, skip: SkipUnknown): Datum {
	const inOrder = [...entries.flat(), ...dropped];
	if (dropped.length > 0) {
		inOrder.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
	}
	const resolved = new Map(inOrder.map((value) => [value, resolveValue(state, value, skip)]));
	return makeDict(entries.map(([key, value]) => [resolved.get(key)!, resolved.get(value)!]));
}

function lookUpAttribute(state: State, selector: string): Configurable {
	const names = selector.split('.');
	const chain = attributeChain(state, selector, names);
	const last = chain.at(-1)!;
	if (!isTarget(last)) {
		throw new GinError('other', 'TypeError', `${last.name} is a module, not a function or class.`);
	}
	return state.byTarget.get(last) ?? registerAttribute(state, names, chain);
}

type Symbol = ModuleObject | Target;

function attributeChain(state: State, selector: string, names: readonly string[]): Symbol[] {
	const symbol = state.context.symbols.get(names[0]!);
	if (symbol === undefined) {
		throw new GinError('dynamic.unknown_symbol', 'NameError', `'${names[0]}' was not provided by an import statement.`);
	}
	const chain: Symbol[] = [symbol.value];
	for (const name of names.slice(1)) {
		const next = attribute(chain.at(-1)!, name);
		if (next === undefined) {
			const message = `Couldn't resolve selector ${selector}; ${chain.at(-1)!.name} has no attribute ${name}.`;
			throw new GinError('dynamic.unresolved', 'AttributeError', message);
		}
		chain.push(next);
	}
	return chain;
}

function registerAttribute(state: State, names: readonly string[], chain: readonly Symbol[]): Configurable {
	const target = chain.at(-1) as Target;
	const inner = names.slice(1, -1);
	const source = state.context.symbols.get(names[0]!)?.source;
	const module = source === undefined ? names[0]! : [selectorModule(source), ...inner].join('.');
	const configurable = register(state, target, {
		name: names.at(-1)!,
		module,
		importSource: importSource(source, names),
	});
	const owner = chain.at(-2);
	if (owner !== undefined && isTarget(owner)) {
		registerAttribute(state, names.slice(0, -1), chain.slice(0, -1));
		return state.byTarget.get(target)!;
	}
	adoptAll(state, configurable);
	return configurable;
}

// The import line that a printed config needs for this configurable, and the rest of its path.
function importSource(
	source: Parameters<typeof importedName>[0] | undefined,
	names: readonly string[],
): Configurable['importSource'] {
	if (source === undefined) {
		return undefined;
	}
	if (source.member !== undefined || source.alias !== undefined) {
		return [source, names.slice(1).join('.')];
	}
	const parts = source.module.split('.');
	let shared = 0;
	while (shared < Math.min(parts.length, names.length - 1) && parts[shared] === names[shared]) {
		shared++;
	}
	return [{ ...source, module: parts.slice(0, shared).join('.') }, names.slice(shared).join('.')];
}

function attribute(symbol: Symbol, name: string): Symbol | undefined {
	return isTarget(symbol) ? symbol.methods?.get(name) : symbol.attribute(name);
}

function isTarget(symbol: Symbol): symbol is Target {
	return 'signature' in symbol;
}
