import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Source, Value } from '../../../src/gin/ast.ts';
import type { LayoutOptions } from '../../../src/gin/model/layout.ts';
import type { Policy } from '../../../src/gin/model/policy.ts';
import { joinScope, splitScope } from '../../../src/gin/model/scopes.ts';
import { bindingsOf, parse, parseValue } from '../../../src/gin/parser.ts';
import type { PlainValue } from '../../../src/registry/catalog.ts';
import { Configuration } from '../../../src/registry/configuration.ts';
import { importedName } from '../../../src/registry/plugins.ts';
import { Registry } from '../../../src/registry/registry.ts';
import type { Call, Case, Entry, Enumeration, Json } from '../case.ts';
import { completeName, NoForm, register } from './components.ts';
import { type Failure, failureOf } from './errors.ts';
import { encode, encodeValue, plain } from './values.ts';

/** As strict as gin is. */
const lenient = { types: false, unused: false, duplicates: false } as const;

/** A refusal that is no error of production itself: what it reports of a config. */
export class Refused extends Error {
	constructor(readonly failure: Failure) {
		super(failure.message);
	}
}

/** One case as a program of gimlet: its components in a registry of their own, its config a `Configuration`. */
export class Program {
	registry = new Registry();
	readonly names = new Map<string, string>();
	readonly searchPath: string[] = [];
	#config: Configuration | undefined;
	#sources: readonly Source[] = [];
	#texts = 0;
	#hooks = 0;
	unknown: Policy['unknown'] = 'error';
	readonly #folder: string;

	readonly #undecorated = new Set<string>();
	readonly #case: Case;

	constructor(given: Case) {
		this.#case = given;
		this.#folder = mkdtempSync(join(tmpdir(), 'gimlet-case-'));
		for (const [path, text] of Object.entries(given.files ?? {})) {
			this.#write(path, text);
		}
		makeModules(given, this);
	}

	#write(path: string, text: string): void {
		mkdirSync(dirname(join(this.#folder, path)), { recursive: true });
		writeFileSync(join(this.#folder, path), text);
	}

	/** Makes a module of TypeScript that a config can import. */
	module(name: string, text: string): void {
		this.#write(`${name.replaceAll('.', '/')}.ts`, text);
	}

	// The parameters that some text of the case binds for a component of this name.
	#mentioned(name: string): string[] {
		const last = name.split('.').at(-1)!;
		return [...new Set(textsOf(this.#case).flatMap((text) => boundIn(text, last)))];
	}

	end(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}

	define(entry: Entry, module = 'case'): void {
		register(this.registry, entry, { call: (call) => this.call(call) }, (name) => this.#mentioned(name), module);
		if (entry.via === 'register') {
			this.#undecorated.add(entry.name);
		}
		const complete = completeName(entry, module);
		for (const name of [complete, entry.name, entry.name.split('.').at(-1)!]) {
			this.names.set(name, complete);
		}
	}

	enumerate({ name, module, py_module = 'case', members = {} }: Enumeration): void {
		for (const member of Object.keys(members)) {
			this.registry.addConstant(`${module ?? py_module}.${name}.${member}`, `${name}.${member}`);
		}
	}

	/** The config so far. */
	async config(): Promise<Configuration> {
		this.#config ??= await Configuration.fromSources(this.#sources, {
			registry: this.registry,
			searchPath: this.searchPath,
			project: this.#folder,
			skipImports: this.unknown !== 'error',
		});
		return this.#config;
	}

	/** Adds texts to the config; refuses, and takes back, what is wrong. */
	async add(sources: readonly Source[]): Promise<void> {
		const before = this.#config?.sources ?? this.#sources;
		try {
			sources.forEach(({ name, text }) => void this.#config!.bindFrom(name, text));
		} catch (error) {
			if (this.#config?.isLocked) {
				throw error;
			}
			// Before there is a config, and where the text imports something, it is read with all the others.
			this.#begin([...before, ...sources]);
		}
		await this.#accept(before);
	}

	/** Binds a value; takes it back where that is wrong. */
	async bind(name: string, value: PlainValue): Promise<void> {
		const config = await this.config();
		const before = config.sources;
		config.bind(name, value);
		await this.#accept(before);
	}

	async #accept(before: readonly Source[]): Promise<void> {
		const failure = await this.problem();
		if (failure !== undefined) {
			this.#begin(before);
			throw new Refused(failure);
		}
	}

	#begin(sources: readonly Source[]): void {
		this.#sources = sources;
		this.#config = undefined;
	}

	/** A text of a case as a source. */
	text(text: string): Source {
		return { name: `text ${this.#texts++}`, kind: 'text', text };
	}

	/** Forgets all that was bound. */
	clear(keepConstants: boolean): void {
		this.#sources = [];
		this.#config = undefined;
		const { registry } = this;
		this.registry = new Registry();
		for (const declaration of registry.all()) {
			this.registry.add(declaration);
		}
		for (const [name, bindings] of registry.hooks) {
			this.registry.addHook(name, bindings);
		}
		for (const [name, value] of keepConstants ? registry.constants.entries() : []) {
			this.registry.constants.add(name, value);
		}
	}

	/** The first thing wrong with the config, where names are checked and types are not. */
	async problem(roots: readonly string[] = []): Promise<Failure | undefined> {
		const config = await this.config();
		const policy = { ...lenient, unknown: this.unknown };
		const { problems } = config.check(roots, { policy });
		// What is unbound is asked for later, and then refused.
		const now = problems.filter(({ code, span }) => roots.length > 0 || !isLater(code, span?.source.text ?? ''));
		return now[0] === undefined ? undefined : failureOf(now[0], config.merged.files);
	}

	async finalize(): Promise<void> {
		const config = await this.config();
		const roots = [...config.merged.bindings].flatMap(({ scope, selector }) =>
			config.catalog.component(selector) === undefined ? [] : [joinScope(scope, selector)],
		);
		const policy = lenient;
		const { problems } = config.check([...new Set(roots)], { policy });
		const wrong = problems.find(
			({ code, span }) =>
				!code.endsWith('_cycle') &&
				(code !== 'config.missing_value' || span?.source.text.slice(span.start, span.end).includes('REQUIRED')),
		);
		if (wrong !== undefined) {
			throw new Refused(failureOf(wrong, config.merged.files));
		}
		config.finalize([], { policy });
	}

	call({ selector, get, scope, pos = [], args = {}, then = [] }: Call): unknown {
		if (pos.length > 0 || Object.keys(args).length > 0 || then.length > 0) {
			throw new NoForm('arguments of a caller, and methods');
		}
		if (get === undefined && this.#undecorated.has(selector!)) {
			throw new NoForm('a function that is called without what is bound');
		}
		const [own, name] = splitScope(get ?? selector!);
		const active = joinAll(scope);
		const wanted = own === '' ? active : own;
		return this.#config!.resolve(this.names.get(name) ?? name, wanted);
	}

	hook(returns: Record<string, Json>): void {
		const values = Object.fromEntries(Object.entries(returns).map(([key, value]) => [key, plain(value)]));
		this.registry.addHook(`${++this.#hooks}`, () => values);
		this.#begin(this.#config?.sources ?? this.#sources);
	}

	async parsedValue(text: unknown): Promise<Json> {
		if (typeof text !== 'string') {
			throw new NoForm('a value that is no text');
		}
		const source: Source = { name: 'value', kind: 'text', text };
		const { value, problem } = parseValue(source, { extensions: true });
		if (problem !== undefined) {
			const { code, message, span } = problem;
			throw new Refused(failureOf({ code: `config.${code}`, message, span, text: message }, []));
		}
		const config = await this.config();
		const meaning = config.lookup.reading.of(value, config.lookup.reading.types.any);
		if (meaning.is === 'trouble' && meaning.trouble.reason === 'unknown') {
			throw new Refused({
				code: 'config.unknown_component',
				message: '',
				where: [{ file: null, line: 1 }],
				source: 'value',
			});
		}
		return this.encoded(value);
	}

	/** A value, unevaluated, with constants by their complete names. */
	encoded(value: Value): Json {
		const { constants, catalog } = this.#config!.lookup;
		return encodeValue(
			value,
			(name) => constants.select(name).name,
			(selector) => catalog.select(selector).name !== undefined,
		);
	}

	/** A result of a component. */
	result(value: unknown): Json {
		return encode(value, (instance) => this.#config!.container.builtAs(instance).scope);
	}

	async print(what: string, options: LayoutOptions = {}): Promise<string> {
		const config = await this.config();
		return what === 'config_str' ? config.configString(options) : config.operativeString(options);
	}
}

// A macro may be bound by a later text, and an included file may still come.
function isLater(code: string, text: string): boolean {
	return (
		['config.unknown_macro', 'config.macro_cycle', 'config.missing_value', 'config.reference_cycle'].includes(code) ||
		(code === 'config.wrong_call' && text.includes('macro')) ||
		code === 'config.singleton'
	);
}

// Scopes entered one inside the other; None and the empty text leave all of them.
function joinAll(scope: Json | undefined): string {
	const all = scope === undefined ? [] : Array.isArray(scope) ? scope : [scope];
	return all.reduce<string>((outer, one) => {
		if (one !== null && typeof one !== 'string') {
			throw new NoForm('scopes that replace one another');
		}
		return one === null || one === '' ? '' : joinScope(outer, one);
	}, '');
}

function textsOf({ config = [], bindings = [], steps = [], files = {} }: Case): string[] {
	const ofSteps = steps.flatMap((step) => [step['text'], step['bindings'], step['key'] && `${step['key']} = 1`]);
	return [config, bindings, ofSteps, Object.values(files)].flat(3).filter((text) => typeof text === 'string');
}

function boundIn(text: string, name: string): string[] {
	const { statements } = parse({ name: 'case', kind: 'text', text }, { extensions: false });
	return Array.from(bindingsOf(statements), ({ selector, parameter }) =>
		selector.split('.').at(-1) === name ? parameter : '',
	).filter((parameter) => parameter !== '');
}

/** Modules that cases expect to be missing; any other name is taken for one of Python's own. */
const missing = new Set(['not', 'gone', 'nowhere', 'no', 'a', '__gin__']);

// A module registers what it says when a config imports it.
function makeModules(given: Case, program: Program): void {
	const { modules = {} } = given;
	const key = `gimletCase${Object.keys(globalThis).length}_${Math.random().toString(36).slice(2)}`;
	Object.assign(globalThis, {
		[key]: (name: string) => {
			const module = modules[name]!;
			if (module.fails !== undefined) {
				throw new Error(module.fails);
			}
			(module.registers ?? []).forEach((entry) => void program.define(entry, name));
		},
	});
	for (const name of Object.keys(modules)) {
		const others = (modules[name]!.imports ?? []).map(
			(other) => `await import(${JSON.stringify(relativePath(name, other))});\n`,
		);
		program.module(
			name,
			`${others.join('')}globalThis[${JSON.stringify(key)}](${JSON.stringify(name)});\nexport {};\n`,
		);
	}
	const named = textsOf(given).flatMap((text) => importsOf(text));
	for (const name of named) {
		const root = name.split('.')[0]!;
		const isOwn = Object.keys(modules).some((module) => module === name || module.split('.')[0] === root);
		if (!isOwn && !missing.has(root)) {
			program.module(name, 'export {};\n');
		}
	}
}

function relativePath(from: string, to: string): string {
	return `${'../'.repeat(from.split('.').length - 1) || './'}${to.replaceAll('.', '/')}.ts`;
}

function importsOf(text: string): string[] {
	const { statements } = parse({ name: 'case', kind: 'text', text }, { extensions: false });
	return [...statements].flatMap((statement) => (statement.type === 'import' ? [importedName(statement)] : []));
}
