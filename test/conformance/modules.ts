import type { Module } from './case.ts';
import type { Target } from './host/configurable.ts';
import { GinError } from './host/gin-error.ts';
import type { ModuleObject } from './host/state.ts';
import type { World } from './world.ts';

/** Modules that cases expect to be missing; any other name is taken for one of Python's own. */
const missing = new Set(['not', 'gone', 'nowhere', 'no', 'a', '__gin__']);

/** The importable modules of a case. */
export class ModuleStore {
	readonly #world: World;
	readonly #modules: Readonly<Record<string, Module>>;
	readonly #loaded = new Map<string, ModuleObject>();

	constructor(world: World, modules: Readonly<Record<string, Module>>) {
		this.#world = world;
		this.#modules = modules;
	}

	/** Imports a module: what it registers is registered the first time. */
	load(name: string): ModuleObject {
		const loaded = this.#loaded.get(name);
		if (loaded !== undefined) {
			return loaded;
		}
		const module = Object.hasOwn(this.#modules, name) ? this.#modules[name]! : undefined;
		const root = name.split('.')[0]!;
		const isOwnRoot = Object.keys(this.#modules).some((own) => own.split('.')[0] === root);
		const isPackage = Object.keys(this.#modules).some((own) => own.startsWith(`${name}.`));
		if (missing.has(root) || (module === undefined && isOwnRoot && !isPackage)) {
			const absent = missing.has(root) ? root : name;
			throw new GinError('import_error', 'ModuleNotFoundError', `No module named '${absent}'`);
		}
		const object = module === undefined ? this.#object(name, new Map()) : this.#execute(name, module);
		this.#loaded.set(name, object);
		return object;
	}

	#execute(name: string, { imports = [], plain = [], registers = [], constants = {}, fails }: Module): ModuleObject {
		for (const other of imports) {
			this.load(other);
		}
		if (fails !== undefined) {
			throw new GinError(fails.includes('boom') ? 'user_error' : 'import_error', 'ImportError', fails);
		}
		const targets = new Map<string, Target>();
		for (const entry of [...registers, ...plain]) {
			const isPlain = plain.includes(entry);
			targets.set(entry.name, this.#world.define(isPlain ? { ...entry, via: 'plain' } : entry, name));
		}
		for (const [constant, value] of Object.entries(constants)) {
			this.#world.config.constant(constant, this.#world.decoder.decode(value));
		}
		return this.#object(name, targets);
	}

	#object(name: string, targets: ReadonlyMap<string, Target>): ModuleObject {
		return { name, attribute: (attribute) => targets.get(attribute) ?? this.#submodule(`${name}.${attribute}`) };
	}

	// A submodule is an attribute once it has been imported.
	#submodule(name: string): ModuleObject | undefined {
		const isParent = [...this.#loaded.keys()].some((loaded) => loaded.startsWith(`${name}.`));
		return this.#loaded.get(name) ?? (isParent ? this.load(name) : undefined);
	}
}
