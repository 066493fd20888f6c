import type { LayoutOptions } from '../../../src/gin/model/layout.ts';
import { type BindingKey, bind, query } from './bind.ts';
import { registerBuiltins, singletonValue } from './builtins.ts';
import type { Configurable, Registration, Target } from './configurable.ts';
import { type CallArguments, type CallableDatum, type Datum, noArguments } from './data.ts';
import { finalize } from './finalize.ts';
import { ambiguousSelector, GinError } from './gin-error.ts';
import { boundValues, callableOf, evaluate, invoke } from './invoke.ts';
import { configString, operativeString } from './print.ts';
import { type Drawn, type DrawnFile, readFile, readText, readValue } from './read.ts';
import { adoptMethods, register } from './register.ts';
import { adoptAll } from './resolve.ts';
import { type ConfigHost, type Hook, type ScopeRequest, State } from './state.ts';

/** How bindings are looked up. */
export interface BindingsOptions {
	/** Whether references are called (true) or handed out as written. */
	readonly resolve?: boolean | undefined;
	/** Whether outer scopes count. */
	readonly inherit?: boolean | undefined;
}

/**
 * gin as Python has it, on gimlet's model of bindings: registry, bindings, scopes, macros, constants, singletons, calls and printing.
 * Nothing is global: any number of configs live side by side. Every method throws a GinError where gin raises.
 */
export class GinConfig {
	readonly #state: State;

	constructor(host: Partial<ConfigHost> = {}) {
		this.#state = new State({
			readFile: host.readFile ?? (() => undefined),
			importModule: host.importModule ?? noModule,
		});
		registerBuiltins(this.#state);
	}

	get isLocked(): boolean {
		return this.#state.isLocked;
	}

	/** The active scope, `a/b` or the empty string. */
	get currentScope(): string {
		return this.#state.scope.join('/');
	}

	/** Registers any function or class. */
	registerTarget(target: Target, registration: Registration = {}): Configurable {
		return register(this.#state, target, registration);
	}

	/** Makes methods that are registered already part of their class, registered after them. */
	adoptMethods(owner: Configurable, methods: readonly Target[]): void {
		adoptMethods(this.#state, owner.selector, methods);
	}

	/** The latest registration of a function or class. */
	registrationOf(target: Target): Configurable | undefined {
		return this.#state.byTarget.get(target);
	}

	/** Adds a constant. */
	constant(name: string, value: Datum): void {
		this.#state.addConstant(name, value);
	}

	/** Parses and applies a text, or several joined by line ends. */
	parse(text: string | readonly string[], skipUnknown: unknown = false): Drawn {
		const joined = typeof text === 'string' ? text : text.join('\n');
		return readText(this.#state, { name: 'text', kind: 'text', text: joined }, skipUnknown);
	}

	/** Parses and applies a file. */
	parseFile(path: string, skipUnknown: unknown = false): DrawnFile {
		return readFile(this.#state, path, skipUnknown);
	}

	/** Files in order, then bindings, then `finalize`. */
	parseFilesAndBindings(
		files: readonly string[],
		bindings: string | readonly string[],
		{ finalize = true, skipUnknown = false }: { finalize?: boolean | undefined; skipUnknown?: unknown } = {},
	): DrawnFile[] {
		const drawn = files.map((file) => this.parseFile(file, skipUnknown));
		this.parse(bindings, skipUnknown);
		if (finalize) {
			this.finalize();
		}
		return drawn;
	}

	/** Reads one value and ignores what follows it. */
	parseValue(text: unknown): Datum {
		if (typeof text !== 'string') {
			throw new GinError('not_a_string', 'ValueError', `value (${String(text)}) should be a string type.`);
		}
		return readValue(this.#state, text);
	}

	/** Binds a value; gin's own keys: `scope/selector.parameter`, `%macro`, or the three parts. */
	bind(key: BindingKey, value: Datum): void {
		bind(this.#state, key, value);
	}

	/** What a parameter, macro or constant is bound to, unevaluated. */
	query(key: string): Datum {
		return query(this.#state, key);
	}

	/** What a call in the active (or the named) scope would be given. */
	getBindings(selector: string, { resolve = true, inherit = true }: BindingsOptions = {}): Map<string, Datum> {
		const { configurable, scopes } = this.#find(selector);
		const bound = boundValues(this.#state, configurable.selector, scopes, inherit);
		return resolve ? new Map([...bound].map(([name, value]) => [name, evaluate(this.#state, value)])) : bound;
	}

	/** A configurable to call; it keeps the scope named or else the active one. */
	getConfigurable(selector: string): CallableDatum {
		const { configurable, scopes } = this.#find(selector);
		if (scopes.length > 0) {
			adoptAll(this.#state, configurable);
		}
		return callableOf(this.#state, configurable, scopes);
	}

	/** Calls a configurable in the active scope. */
	call(configurable: Configurable | string, given: CallArguments = noArguments): Datum {
		return typeof configurable === 'string'
			? this.getConfigurable(configurable).call(given)
			: invoke(this.#state, configurable, given);
	}

	/** Runs `action` in a scope. */
	withScope<Result>(scope: ScopeRequest, action: () => Result): Result {
		return this.#state.inScope(scope, action);
	}

	/** The object of `@key/singleton()`, made by `make` if there is none yet. */
	singletonValue(key: string, make?: Datum): Datum {
		return singletonValue(this.#state, key, make);
	}

	/** Checks everything, applies the hooks, locks. */
	finalize(): void {
		finalize(this.#state);
	}

	/** Adds a function that `finalize` asks for bindings. */
	addHook(hook: Hook): void {
		this.#state.hooks.push(hook);
	}

	/** Runs `action` unlocked; if it throws, the config stays unlocked. */
	unlocked<Result>(action: () => Result): Result {
		const was = this.#state.isLocked;
		this.#state.isLocked = false;
		const result = action();
		this.#state.isLocked = was;
		return result;
	}

	/** Whether registering and constants may replace earlier ones. */
	setInteractive(on: boolean): void {
		this.#state.isInteractive = on;
	}

	/** Adds a folder in which files are looked for. */
	addSearchPath(folder: string): void {
		this.#state.searchPath.push(folder);
	}

	/** Drops all that was bound; constants only if asked. */
	clear(clearConstants = false): void {
		this.#state.clear(clearConstants);
	}

	/** All current bindings as a text that gin reads. */
	configString(options: LayoutOptions = {}): string {
		return configString(this.#state, options);
	}

	/** What the calls so far used, defaults included. */
	operativeConfigString(options: LayoutOptions = {}): string {
		return operativeString(this.#state, options);
	}

	#find(scoped: string): { configurable: Configurable; scopes: readonly string[] } {
		const scopes = scoped.split('/');
		const selector = scopes.pop()!;
		const { found: configurable, candidates = [] } = this.#state.registry.select(selector);
		if (candidates.length > 0) {
			throw ambiguousSelector(selector, candidates);
		}
		if (configurable === undefined) {
			throw new GinError('not_registered', 'ValueError', `Could not find ${scoped} in the Gin registry.`);
		}
		return { configurable, scopes: scopes.length === 0 ? this.#state.scope : scopes };
	}
}

function noModule(name: string): never {
	throw new GinError('import_error', 'ModuleNotFoundError', `No module named '${name}'`);
}
