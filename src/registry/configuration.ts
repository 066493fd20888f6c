import { ConfigError, UsageError } from '../core/errors.ts';
import type { Source, Value } from '../gin/ast.ts';
import { bindingSources } from '../gin/binding-sources.ts';
import { gather } from '../gin/merge/gather.ts';
import type { Merged, Replaced, Surroundings } from '../gin/merge/merged.ts';
import { cellOf, isMacroCell, noComponents, parseKey, spelled } from '../gin/model/cells.ts';
import type { LayoutOptions } from '../gin/model/layout.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { printBinding } from '../gin/printer.ts';
import { problemAt } from '../gin/problem.ts';
import type { Catalog, PlainValue } from './catalog.ts';
import { assertSound, type Checked, type CheckOptions, check } from './check.ts';
import { fileSource } from './config-file.ts';
import { Container } from './container.ts';
import { catalogOf } from './describe.ts';
import { findParameter } from './find-parameter.ts';
import { asPrinted, configText, operativeText } from './gin-text.ts';
import { mergeWithHooks } from './hooks.ts';
import { instancesOf } from './instances.ts';
import { type Loaded, type LoadOptions, loadConfig, surroundingsOf } from './load.ts';
import { Lookup, requireKey } from './lookup.ts';
import { type Origin, placeOf } from './origin.ts';
import { fromPlain } from './plain.ts';
import { type Plugin, qualifyAll } from './plugins.ts';
import { refineWith } from './refine.ts';
import { declared, type Registry } from './registry.ts';

export interface ConfigurationOptions extends LoadOptions {
	/** The components that the config may name; those of the decorators when left out. */
	readonly registry?: Registry;
	/** `-b` arguments, applied last. */
	readonly bindings?: readonly string[];
	/** Values by dotted name for `%module.NAME`. */
	readonly constants?: ReadonlyMap<string, Value>;
}

/** One binding as it stands: its value as written (references unevaluated) and where it comes from. */
export interface Queried {
	readonly value: Value;
	readonly origin: Origin;
	readonly overrode: readonly Replaced[];
}

/**
 * A config from files, texts and code: bind, query, check, resolve. Any number may live side by side.
 *
 * Nothing can be bound any more after `finalize`.
 */
export class Configuration {
	readonly registry: Registry;
	readonly #sources: Source[];
	readonly #loaded: Loaded;
	readonly #constants: ReadonlyMap<string, Value>;
	readonly #added: Source[] = [];
	/** Where files that later lines name are looked for. */
	readonly #surroundings: Surroundings;
	#isLocked = false;
	#catalog: Catalog | undefined;
	#catalogSize = 0;
	#merged: Merged | undefined;
	#lookup: Lookup | undefined;
	#container: Container | undefined;
	/** Objects of singletons: what is bound later does not make them anew, as in gin. */
	readonly #shared = new Map<string, unknown>();

	private constructor(sources: Source[], loaded: Loaded, options: ConfigurationOptions) {
		const { registry = declared, constants = new Map() } = options;
		this.#sources = sources;
		this.#loaded = loaded;
		this.registry = registry;
		this.#constants = constants;
		this.#surroundings = surroundingsOf(options);
	}

	/** Reads .gin files in order, then `-b` lines, and loads the plug-ins they import. */
	static async fromFiles(paths: readonly string[], options: ConfigurationOptions = {}): Promise<Configuration> {
		return Configuration.fromSources(
			paths.map((path) => fileSource(path, options.project, options.record !== undefined)),
			options,
		);
	}

	/** Reads a text in the config language. */
	static async fromText(text: string, options: ConfigurationOptions = {}): Promise<Configuration> {
		return Configuration.fromSources([{ name: 'text', kind: 'text', text }], options);
	}

	/** Reads named texts in order, then `-b` lines. */
	static async fromSources(roots: readonly Source[], options: ConfigurationOptions = {}): Promise<Configuration> {
		const sources = [...roots, ...bindingSources(options.bindings ?? [])];
		return new Configuration(sources, await loadConfig(sources, options), options);
	}

	/** The component files that were loaded, those of `--plugin` first. */
	get plugins(): readonly Plugin[] {
		return this.#loaded.plugins;
	}

	/** The texts this config was made from, in order. */
	get sources(): readonly Source[] {
		return [...this.#sources, ...this.#added];
	}

	get isLocked(): boolean {
		return this.#isLocked;
	}

	/** Everything known of the components at this moment. */
	get catalog(): Catalog {
		if (this.#catalog === undefined || this.#catalogSize !== this.registry.size) {
			this.#catalog = catalogOf(this.registry);
			this.#catalogSize = this.registry.size;
			qualifyAll(this.#catalog, this.#loaded.plugins);
		}
		return this.#catalog;
	}

	/** The config as it stands: one value per scope, component and parameter. */
	get merged(): Merged {
		this.#merged ??= this.#merge(this.#isLocked);
		return this.#merged;
	}

	// Finalize hooks add to a config when it is finished, and to what a check looks at.
	#merge(withHooks: boolean): Merged {
		const { gathered, problems } = this.#loaded;
		const later = gather(this.#added, this.#surroundings);
		const all = {
			...gathered,
			lines: [...gathered.lines, ...later.lines],
			files: [...gathered.files, ...later.files],
			environment: [...gathered.environment, ...later.environment],
			problems: [...gathered.problems, ...problems, ...later.problems],
			broken: [...gathered.broken, ...later.broken],
		};
		return mergeWithHooks(all, this.catalog, withHooks ? this.registry.hooks : new Map());
	}

	/**
	 * Adds lines in the config language, such as `adam.learning_rate = 0.1`, or one binding given as its name and a
	 * JavaScript value; they win over earlier ones.
	 */
	bind(text: string): this;
	bind(name: string, value: PlainValue): this;
	bind(...given: readonly [string, PlainValue?]): this {
		const text = given.length === 1 ? given[0] : bindingText(given[0], given[1]!);
		return this.bindFrom(`bind ${this.#added.length + 1}`, text);
	}

	/** The same for lines whose origin is to be called `name`. */
	bindFrom(name: string, text: string): this {
		const source: Source = { name, kind: 'text', text };
		const { problems, imports, lines } = gather([source], this.#surroundings);
		if (this.#isLocked && (lines.length > 0 || problems.length > 0)) {
			throw new UsageError('config.locked', `The config is locked: "${text}" must be bound before finalize().`);
		}
		if (imports.length > 0) {
			const message = 'what code binds cannot import: give the file to fromFiles, or as a plug-in';
			throw new ConfigError([problemAt('config.late_import', imports[0]!.statement.span, message)]);
		}
		assertSound({ problems });
		this.#added.push(source);
		this.#changed();
		return this;
	}

	/**
	 * The binding of `scope/component.parameter` in exactly that scope, or of `%macro`; undefined where there is none. A
	 * constant of that name is asked for first, as in gin.
	 */
	query(key: string): Queried | undefined {
		const { lookup } = this;
		const { found: constant, candidates = [] } = lookup.constants.select(key);
		if (candidates.length > 0) {
			const text = `"${key}" may mean the constants ${candidates.join(' or ')}: write one of them whole.`;
			throw new UsageError('config.ambiguous_constant', text);
		}
		if (constant !== undefined) {
			return { value: constant, origin: { type: 'default' }, overrode: [] };
		}
		const { selector, parameter } = requireKey(key);
		findParameter(lookup.catalog, selector, parameter);
		const found = lookup.bound(lookup.cell(key));
		return found === undefined
			? undefined
			: { value: asPrinted(found.value, lookup), origin: placeOf(found.span), overrode: found.overrode };
	}

	/** Everything wrong with the config when it starts from `roots`, and everything it reaches. */
	check(roots: readonly string[], options: CheckOptions = {}): Checked {
		const { registry } = this;
		const defaults = {
			constants: this.#allConstants,
			refine: refineWith(registry),
			rules: [...registry.rules],
			instanceOf: instancesOf(registry),
		};
		return check(this.#merge(true), this.catalog, roots, { ...defaults, ...options });
	}

	/** Checks, reports every problem, and locks. */
	finalize(roots: readonly string[], options: CheckOptions = {}): Checked {
		if (this.#isLocked) {
			throw new UsageError('config.locked', 'The config is locked: finalize() has been called before.');
		}
		const checked = this.check(roots, options);
		assertSound(checked);
		this.#isLocked = true;
		this.#changed();
		return checked;
	}

	#changed(): void {
		this.#merged = undefined;
		this.#lookup = undefined;
		this.#container = undefined;
	}

	get #allConstants(): ReadonlyMap<string, Value> {
		return new Map([...this.registry.constants.entries(), ...this.#constants]);
	}

	/** The config as it stands, asked by component, parameter and scope; a new one after each `bind`. */
	get lookup(): Lookup {
		this.#lookup ??= new Lookup(this.merged, this.catalog, this.#allConstants);
		return this.#lookup;
	}

	/** The container of this config; a new one after each `bind`, with the same singletons. */
	get container(): Container {
		this.#container ??= new Container(this.registry, this.lookup, this.#shared);
		return this.#container;
	}

	/** Everything bound, as a text in gin's own layout. */
	configString(options?: LayoutOptions): string {
		return configText(this.merged, this.lookup, options);
	}

	/** What has been built so far, with every value it got, as a text in gin's own layout. */
	operativeString(options?: LayoutOptions): string {
		return operativeText(this.container.constructed(), this.merged, this.lookup, options);
	}

	/** A component, built anew: an instance of a class, or what a function returns. */
	resolve<T = unknown>(name: string, scope = ''): T {
		return this.container.resolve<T>(name, scope);
	}

	/** The same config seen from inside a scope. */
	scope(scope: string): ScopedConfiguration {
		return new ScopedConfiguration(this, scope);
	}
}

/** A config seen from inside a scope: what is bound and asked here carries the scope's name. */
export class ScopedConfiguration {
	readonly #configuration: Configuration;
	readonly #scope: string;

	constructor(configuration: Configuration, scope: string) {
		this.#configuration = configuration;
		this.#scope = scope;
	}

	/** Binds one `component.parameter = value`, or a name and a JavaScript value, in this scope. */
	bind(text: string): this;
	bind(name: string, value: PlainValue): this;
	bind(...given: readonly [string, PlainValue?]): this {
		const text = given.length === 1 ? given[0] : bindingText(given[0], given[1]!);
		this.#configuration.bind(`${this.#scope}/${text}`);
		return this;
	}

	query(key: string): Queried | undefined {
		return this.#configuration.query(key.startsWith('%') ? key : joinScope(this.#scope, key));
	}

	resolve<T = unknown>(name: string): T {
		return this.#configuration.resolve<T>(name, this.#scope);
	}

	scope(scope: string): ScopedConfiguration {
		return new ScopedConfiguration(this.#configuration, joinScope(this.#scope, scope));
	}
}

function bindingText(name: string, value: PlainValue): string {
	const parts = parseKey(name);
	const cell = parts === undefined ? undefined : cellOf(parts.scope, parts.selector, parts.parameter, noComponents);
	// `%lr` and `lr/macro.value` are the macro `lr = …`.
	const key = cell !== undefined && isMacroCell(cell) ? spelled(cell) : name;
	return printBinding(key, fromPlain(value), { extensions: true });
}
