import type { Call, Case, Entry, Enumeration, Json } from './case.ts';
import type { Configurable, Target } from './host/configurable.ts';
import type { CallArguments, Datum } from './host/data.ts';
import { GinConfig } from './host/gin-config.ts';
import { GinError } from './host/gin-error.ts';
import type { ScopeRequest } from './host/state.ts';
import { ModuleStore } from './modules.ts';
import { makeTarget } from './targets.ts';
import { Decoder, hostDatum, type Instance } from './values.ts';

/** A registered function or class and how the Python code calls it. */
export interface Named {
	readonly target: Target;
	readonly configurable: Configurable | undefined;
	/** What the name refers to after decoration: injected or not. */
	readonly construct: (call: CallArguments) => Datum;
}

/** One case's Python program: a fresh config, its files and modules, and the functions it registers. */
export class World {
	readonly config: GinConfig;
	readonly decoder: Decoder;
	readonly #named = new Map<string, Named>();

	constructor({ files = {}, modules = {} }: Pick<Case, 'files' | 'modules'>) {
		const store = new ModuleStore(this, modules);
		this.config = new GinConfig({
			readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
			importModule: (name) => store.load(name),
		});
		this.decoder = new Decoder(this.config);
	}

	/** Defines and, unless it is plain, registers an entry. */
	define(entry: Entry, module = 'case'): Target {
		const target = makeTarget(this, entry, entry.py_module ?? module);
		const { via = 'configurable' } = entry;
		if (via === 'plain') {
			this.#named.set(entry.name, {
				target,
				configurable: undefined,
				construct: (call) => target.run(call, undefined, undefined),
			});
			return target;
		}
		const methods = (entry.methods ?? [])
			.filter(({ registered = true }) => registered)
			.map(({ name }) => target.methods!.get(name)!);
		for (const method of methods) {
			this.config.registerTarget(method);
		}
		const { name, allowlist, denylist } = entry;
		const configurable = this.config.registerTarget(target, {
			name,
			module: entry.module,
			allowlist: plainList(allowlist),
			denylist: plainList(denylist),
		});
		if (via !== 'configurable') {
			this.config.adoptMethods(configurable, methods);
		}
		const construct = (call: CallArguments) =>
			via === 'register' ? target.run(call, undefined, undefined) : this.config.call(configurable, call);
		const named = { target, configurable, construct };
		this.#named.set(name, named);
		this.#named.set(name.split('.').at(-1)!, named);
		this.#named.set(configurable.selector, named);
		return target;
	}

	/** What a name in a call stands for: the function after decoration. */
	named(name: string): Named {
		const named = this.#named.get(name) ?? this.#named.get(name.split('.').at(-1)!);
		if (named === undefined) {
			throw new Error(`the case calls "${name}", which it does not define`);
		}
		return named;
	}

	/** Calls as the case says, methods of the result included. */
	call({ selector, get, scope, pos = [], args = {}, then = [] }: Call): Datum {
		const given: CallArguments = {
			positional: pos.map((value) => this.decoder.decode(value)),
			named: new Map(Object.entries(args).map(([name, value]) => [name, this.decoder.decode(value)])),
		};
		return this.inScopes(scope, () => {
			let result =
				get === undefined ? this.named(selector!).construct(given) : this.config.getConfigurable(get).call(given);
			for (const step of then) {
				result = this.#callMethod(result, step);
			}
			return result;
		});
	}

	/** Runs `action` inside scopes: a text, or several entered one inside the other. */
	inScopes<Result>(scope: Json | undefined, action: () => Result): Result {
		if (scope === undefined) {
			return action();
		}
		const all = Array.isArray(scope) ? scope : [scope];
		return all.reduceRight<() => Result>((inner, one) => () => this.config.withScope(readScope(one), inner), action)();
	}

	/** Makes constants of an enumeration's members. */
	enumerate({ name, module, py_module = 'case', members }: Enumeration): void {
		if (members === undefined) {
			throw new GinError('not_enum', 'TypeError', `Class '${name}' is not subclass of enum.`);
		}
		for (const member of Object.keys(members)) {
			this.config.constant(
				`${module ?? py_module}.${name}.${member}`,
				hostDatum({ kind: 'enum', label: `${name}.${member}` }),
			);
		}
	}

	#callMethod(instance: Datum, { method, scope, pos = [], args = {} }: Call & { method: string }): Datum {
		const given: CallArguments = {
			positional: pos.map((value) => this.decoder.decode(value)),
			named: new Map(Object.entries(args).map(([name, value]) => [name, this.decoder.decode(value)])),
		};
		const { invoke } = ((instance as { value?: unknown }).value ?? {}) as Partial<Instance>;
		if (typeof invoke !== 'function') {
			throw new GinError('other', 'AttributeError', `no attribute '${method}'`);
		}
		return this.inScopes(scope, () => invoke(method, given));
	}
}

function readScope(json: Json): ScopeRequest {
	if (json === null) {
		return undefined;
	}
	if (typeof json === 'string' || (Array.isArray(json) && json.every((part) => typeof part === 'string'))) {
		return json;
	}
	throw new GinError('bad_scope', 'ValueError', `Invalid value for \`name_or_scope\`: ${JSON.stringify(json)}.`);
}

function plainList(list: Json | undefined): unknown {
	return typeof list === 'object' && list !== null && '$tuple' in list ? (list as { $tuple: Json }).$tuple : list;
}
