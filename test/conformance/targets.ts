import type { Entry } from './case.ts';
import type { Configurable, Target } from './host/configurable.ts';
import { type CallArguments, type CallableDatum, type Datum, noArguments, none } from './host/data.ts';
import { GinError } from './host/gin-error.ts';
import { bindArguments, type Parameter, type Signature } from './host/signature.ts';
import { hostDatum, type Instance, record } from './values.ts';
import type { World } from './world.ts';

/** The Python function or class that an entry describes. */
export function makeTarget(world: World, entry: Entry, module: string): Target {
	const own = ownSignature(world, entry);
	const base = entry.base === undefined ? undefined : world.named(entry.base);
	const isClass = entry.kind === 'class';
	const methods = new Map(
		(entry.methods ?? []).map((method) => [method.name, makeMethod(world, { ...method, kind: 'function' }, module)]),
	);
	const name = entry.py_name ?? entry.name.split('.').at(-1)!;
	const behave = isClass ? construct(world, entry, own, methods, base) : behaviour(world, entry);
	const signature = entry.no_init ? withoutConstructor(base?.target) : { ...own, hasSelf: isClass };
	return {
		name,
		module: entry.py_module ?? module,
		signature,
		methods,
		run: (call, configurable, scopes) => behave(name, signature, call, configurable, scopes),
	};
}

// A method is a function whose first parameter is the instance; taken from its class it has none yet.
function makeMethod(world: World, entry: Entry, module: string): Target {
	return makeTarget(world, { ...entry, params: [{ name: 'self' }, ...(entry.params ?? [])] }, module);
}

type Behave = (
	name: string,
	signature: Signature,
	call: CallArguments,
	configurable: Configurable | undefined,
	scopes: readonly string[] | undefined,
) => Datum;

function ownSignature(world: World, { params = [], varargs, varkw }: Entry): Signature {
	const parameters = params.map(
		(param): Parameter => ({
			name: param.name,
			default: 'default' in param ? world.decoder.decode(param.default!) : undefined,
			isKeywordOnly: param.kwonly ?? false,
		}),
	);
	return { parameters, rest: varargs, keywords: varkw };
}

// Python's object() constructor claims to take anything; an inherited one is seen through.
function withoutConstructor(base: Target | undefined): Signature {
	return base?.signature ?? { parameters: [], rest: 'args', keywords: 'kwargs', hasSelf: true };
}

function behaviour(world: World, entry: Entry): Behave {
	let runs = 0;
	return (name, signature, call) => {
		const { named, rest } = bindArguments(name, signature, call);
		runs++;
		const received = new Map(named);
		received.delete('self');
		if (entry.varargs !== undefined) {
			received.set('*', { type: 'tuple', items: rest });
		}
		const [kind, argument = ''] = split(entry.returns ?? 'kwargs', ':');
		const value = (parameter: string) => received.get(parameter) ?? none;
		const scope: Datum = { type: 'string', value: world.config.currentScope };
		switch (kind) {
			case 'kwargs':
				return record(received);
			case 'kwargs+scope':
				return record([...received, ['@scope', scope]]);
			case 'scope':
				return scope;
			case 'counter':
				return record([...received, ['n', { type: 'int', value: runs }]]);
			case 'param':
				return value(argument);
			case 'call':
				return callable(value(argument)).call(noArguments);
			case 'call_twice':
				return { type: 'list', items: [0, 1].map(() => callable(value(argument)).call(noArguments)) };
			case 'call_with': {
				const given = world.decoder.decode(entry.with_value ?? 99);
				return callable(value(argument)).call({ positional: [], named: new Map([[entry.with_name ?? 'x', given]]) });
			}
			case 'same': {
				const [first, second] = split(argument, ',');
				return { type: 'bool', value: isSame(value(first), value(second ?? '')) };
			}
			case 'mutate':
				return mutate(value(argument));
			case 'calls': {
				const results: Datum = { type: 'list', items: (entry.body ?? []).map((one) => world.call(one)) };
				return entry.with_params
					? record([
							['params', record(received)],
							['calls', results],
						])
					: results;
			}
			case 'raise': {
				const [type, message = ''] = split(argument, ',');
				throw new GinError(message.includes('boom') ? 'user_error' : 'other', type, message);
			}
			case 'opaque':
				return hostDatum({ kind: 'opaque', label: entry.name });
			case 'none':
				return none;
			default:
				throw new Error(`the case format has no behaviour ${kind}`);
		}
	};
}

function construct(
	world: World,
	entry: Entry,
	own: Signature,
	methods: ReadonlyMap<string, Target>,
	base: ReturnType<World['named']> | undefined,
): Behave {
	return (name, _signature, call, configurable, scopes) => {
		const params = new Map<string, Datum>();
		if (entry.no_init && base === undefined) {
			if (call.positional.length > 0 || call.named.size > 0) {
				throw new GinError('call_arguments', 'TypeError', `${name}() takes no arguments`);
			}
		} else if (entry.no_init) {
			addAll(params, base!.construct(call));
		} else {
			const { named, rest } = bindArguments(name, own, call);
			if (base !== undefined) {
				const passed = (entry.super_args ?? []).map((key) => [key, named.get(key) ?? none] as const);
				addAll(params, base.construct({ positional: [], named: new Map(passed) }));
			}
			for (const [key, value] of named) {
				params.set(key, value);
			}
			if (entry.varargs !== undefined) {
				params.set('*', { type: 'tuple', items: rest });
			}
		}
		const isInjected =
			configurable !== undefined && (scopes !== undefined || (entry.via ?? 'configurable') !== 'configurable');
		const invoke = (method: string, { positional, named }: CallArguments): Datum =>
			callMethod(world, methods, isInjected, scopes, method, { positional: [instance, ...positional], named });
		const instance = hostDatum({ kind: 'instance', label: entry.name, params, invoke });
		return instance;
	};
}

// A class that was not rewritten in place, or was named with a scope, carries its registered methods: injected, and in
// that scope.
function callMethod(
	world: World,
	methods: ReadonlyMap<string, Target>,
	isInjected: boolean,
	scopes: readonly string[] | undefined,
	name: string,
	given: CallArguments,
): Datum {
	const method = methods.get(name);
	if (method === undefined) {
		throw new GinError('other', 'AttributeError', `no method '${name}'`);
	}
	const registered = world.config.registrationOf(method);
	if (!isInjected || registered === undefined || !registered.isMethod) {
		return method.run(given, undefined, undefined);
	}
	const call = () => world.config.call(registered, given);
	return scopes === undefined ? call() : world.config.withScope(scopes, call);
}

function addAll(params: Map<string, Datum>, instance: Datum): void {
	for (const [key, value] of ((instance as { value: unknown }).value as Instance).params) {
		params.set(key, value);
	}
}

function callable(datum: Datum): CallableDatum {
	if (datum.type !== 'callable') {
		throw new GinError('other', 'TypeError', `'${datum.type}' object is not callable`);
	}
	return datum;
}

function mutate(datum: Datum): Datum {
	if (datum.type !== 'list') {
		throw new GinError('other', 'AttributeError', `'${datum.type}' object has no attribute 'append'`);
	}
	datum.items.push({ type: 'string', value: 'mutated' });
	return { type: 'list', items: [...datum.items] };
}

// Python's `is`: small values are shared, containers and objects are themselves.
function isSame(a: Datum, b: Datum): boolean {
	if (a.type === 'host' && b.type === 'host') {
		return a.value === b.value;
	}
	if (a.type === 'callable' && b.type === 'callable') {
		return a === b || (a.configurable === b.configurable && a.scopes === undefined && b.scopes === undefined);
	}
	const isShared = a.type === 'none' || a.type === 'bool' || a.type === 'int' || a.type === 'string';
	return a === b || (isShared && a.type === b.type && (a.type === 'none' || a.value === (b as typeof a).value));
}

function split(text: string, separator: string): [string, string | undefined] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
