import { Container as Inversify, type Newable, type ServiceIdentifier } from 'inversify';
import { GimletError, UsageError } from '../core/errors.ts';
import { deepest, joinScope } from '../gin/model/scopes.ts';
import type { ComponentInfo } from './catalog.ts';
import { type Builder, type Compiled, compile } from './compile.ts';
import type { Declaration } from './declaration.ts';
import { deepFreeze } from './freeze.ts';
import { parametersToken, prepareInjection } from './injection.ts';
import type { Effective, Lookup, ValueMeaning } from './lookup.ts';
import { showBound } from './origin.ts';
import type { Registry } from './registry.ts';

/** A component as it was built: what it is called, in which scope, and every value it got with its origin. */
export interface Constructed {
	readonly component: ComponentInfo;
	readonly scope: string;
	readonly parameters: readonly Effective[];
}

/** How one component is built in one scope; made once. */
interface Plan extends Constructed {
	readonly make: (services: readonly unknown[]) => unknown;
	isBuilt: boolean;
}

const selfToken = Symbol('component');

/**
 * Builds components from a config: each parameter is bound to `component.parameter`, a scope is a child container,
 * services are bound by their class. Every reference gives a fresh instance, as in gin.
 */
export class Container implements Builder {
	readonly #registry: Registry;
	readonly #lookup: Lookup;
	/** The objects of singletons, by key; they may outlive the container. */
	readonly #shared: Map<string, unknown>;
	readonly #scopes = new Map<string, Inversify>([['', new Inversify()]]);
	/** What uncalled references are, one for each component in a scope. */
	readonly #factories = new Map<string, (...services: unknown[]) => unknown>();
	readonly #plans = new Map<string, Map<string, Plan>>();
	readonly #instances = new WeakMap<object, Plan>();
	readonly #built: Constructed[] = [];
	readonly #blamed = new WeakSet<object>();
	#depth = 0;

	/** The registry must hold the code of every component of the lookup that is resolved. */
	constructor(registry: Registry, lookup: Lookup, shared = new Map<string, unknown>()) {
		this.#registry = registry;
		this.#lookup = lookup;
		this.#shared = shared;
	}

	/** Makes a service available to constructors that ask for it by `@inject(Token)`. */
	provide<T>(token: ServiceIdentifier<T>, service: T): void {
		const root = this.#scopes.get('')!;
		if (root.isBound(token)) {
			root.unbindSync(token);
		}
		root.bind<T>(token).toConstantValue(service);
	}

	/** A new instance of a class, or what a function returns, in a scope; `services` are given to functions. */
	resolve<T = unknown>(name: string, scope = '', ...services: readonly unknown[]): T {
		const plan = this.#plans.get(scope)?.get(name) ?? this.#plan(name, scope);
		return this.#make(plan, services) as T;
	}

	/** The registered name of what a component was built from. */
	nameOf(instance: object): string {
		return this.builtAs(instance).component.name;
	}

	/** How an instance came to be. */
	builtAs(instance: object): Constructed {
		const plan = this.#instances.get(instance);
		if (plan === undefined) {
			throw new GimletError(
				'internal',
				`This ${instance.constructor?.name ?? 'object'} was not built from the config.`,
			);
		}
		return plan;
	}

	/** Everything built so far, each component once per scope, in the order of first use. */
	constructed(): readonly Constructed[] {
		return this.#built;
	}

	/** For compiled values. */
	build(name: string, scope: string): unknown {
		return this.resolve(name, scope);
	}

	/** For compiled values: a function that builds the component each time it is called. */
	factory(name: string, scope: string): unknown {
		const path = joinScope(scope, name);
		let make = this.#factories.get(path);
		if (make === undefined) {
			make = (...services: unknown[]) => this.resolve(name, scope, ...services);
			this.#factories.set(path, Object.defineProperty(make, 'name', { value: path }));
		}
		return make;
	}

	/** For compiled values: the one instance of a singleton. */
	shared(key: string, make: () => unknown): unknown {
		if (!this.#shared.has(key)) {
			this.#shared.set(key, make());
		}
		return this.#shared.get(key);
	}

	#make(plan: Plan, services: readonly unknown[]): unknown {
		if (this.#depth >= deepest) {
			throw new UsageError(
				'config.reference_cycle',
				`"${plan.component.name}" needs itself, directly or through others.`,
			);
		}
		this.#depth++;
		try {
			// Noted before it is built, as in gin: what fails is seen too.
			if (!plan.isBuilt) {
				plan.isBuilt = true;
				this.#built.push(plan);
			}
			const instance = plan.make(services);
			const isObject = (typeof instance === 'object' || typeof instance === 'function') && instance !== null;
			// Who hands on what it was given did not build it.
			if (isObject && !this.#instances.has(instance)) {
				this.#instances.set(instance, plan);
			}
			return instance;
		} catch (error) {
			throw this.#blame(plan, error);
		} finally {
			this.#depth--;
		}
	}

	// The innermost component that failed is named, with the lines that configured it; the error stays what it is.
	#blame({ component, scope, parameters }: Plan, error: unknown): unknown {
		if (error instanceof Error && !this.#blamed.has(error)) {
			this.#blamed.add(error);
			const bound = parameters.flatMap((effective) =>
				effective.bound === undefined ? [] : [showBound(effective.bound)],
			);
			const where = `In the ${component.kind} "${joinScope(scope, component.name)}"${bound.length === 0 ? '' : ` (${bound.join(', ')})`}`;
			error.message = `${where}: ${error.message}`;
		}
		return error;
	}

	#plan(selector: string, scope: string): Plan {
		const component = this.#lookup.catalog.component(selector);
		const { candidates = [] } = this.#lookup.catalog.select(selector);
		if (candidates.length > 0) {
			const text = `"${selector}" may mean ${candidates.join(' or ')}: write one of them whole.`;
			throw new UsageError('config.ambiguous_component', text);
		}
		// For its message, where there is none.
		const declaration = this.#registry.get(component?.name ?? selector);
		const parameters = this.#lookup.effective(component!, scope);
		const container = new Inversify({ parent: this.#scope(scope) });
		try {
			this.#bindParameters(declaration, component!, parameters, scope, container);
		} catch (error) {
			this.#built.push({ component: component!, scope, parameters });
			throw error;
		}
		const plan: Plan = {
			component: component!,
			scope,
			parameters,
			make: maker(declaration, container),
			isBuilt: false,
		};
		const plans = this.#plans.get(scope) ?? new Map<string, Plan>();
		this.#plans.set(scope, plans.set(selector, plan));
		return plan;
	}

	#bindParameters(
		{ parameters: schema }: Declaration,
		component: ComponentInfo,
		parameters: readonly Effective[],
		scope: string,
		container: Inversify,
	): void {
		const owner = this.#scope(scope);
		const constants: Record<string, unknown> = {};
		const made: Array<readonly [name: string, make: () => unknown]> = [];
		const missing: string[] = [];
		for (const effective of parameters) {
			const { parameter } = effective;
			const { name } = parameter;
			const id = `${component.name}.${name}`;
			const field = schema.shape[name] as Field;
			const meaning = this.#lookup.meaningOf(effective);
			const compiled = meaning === undefined ? undefined : this.#compiled(id, meaning, scope);
			if (compiled?.make !== undefined) {
				const make = () => parsed(id, field, compiled.make(), component.refined);
				owner.bind(id).toDynamicValue(make);
				made.push([name, make]);
				continue;
			}
			const constant = compiled === undefined ? unset(field) : parsed(id, field, compiled.constant, component.refined);
			if (constant !== undefined) {
				constants[name] = deepFreeze(constant);
				owner.bind(id).toConstantValue(constants[name]);
			} else if (parameter.required) {
				missing.push(id);
			}
		}
		if (missing.length > 0) {
			throw new UsageError('config.missing_value', `No value is bound for ${missing.join(', ')}.`);
		}
		const whole = component.refined
			? (all: object) => parsed(component.name, schema as unknown as Field, all, false)
			: same;
		const binding = container.bind(parametersToken);
		if (made.length === 0) {
			binding.toConstantValue(deepFreeze(whole(constants)));
		} else {
			binding.toDynamicValue(() => whole(assembled(constants, made)));
		}
	}

	#compiled(id: string, meaning: ValueMeaning, scope: string): Compiled {
		try {
			return compile(meaning, scope, this.#lookup, this);
		} catch (error) {
			if (error instanceof Error && !this.#blamed.has(error)) {
				this.#blamed.add(error);
				error.message = `${id}: ${error.message}`;
			}
			throw error;
		}
	}

	#scope(scope: string): Inversify {
		const existing = this.#scopes.get(scope);
		if (existing !== undefined) {
			return existing;
		}
		const container = new Inversify({ parent: this.#scope(scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) });
		this.#scopes.set(scope, container);
		return container;
	}
}

interface Field {
	safeParse(
		value: unknown,
	):
		| { readonly success: true; readonly data: unknown }
		| { readonly success: false; readonly error: { readonly issues: ReadonlyArray<{ readonly message: string }> } };
}

// A component with rules over several parameters is parsed as a whole, from the values as given.
function parsed(id: string, field: Field, value: unknown, isLater: boolean): unknown {
	if (isLater) {
		return value;
	}
	const result = field.safeParse(value);
	if (!result.success) {
		throw new UsageError(
			'config.invalid_value',
			`${id}: ${result.error.issues.map(({ message }) => message).join('; ')}`,
		);
	}
	return result.data;
}

// The schema's own default, where it has no plain form.
function unset(field: Field): unknown {
	const result = field.safeParse(undefined);
	return result.success ? result.data : undefined;
}

function assembled(
	constants: Readonly<Record<string, unknown>>,
	made: ReadonlyArray<readonly [name: string, make: () => unknown]>,
): object {
	const all = { ...constants };
	for (const [name, make] of made) {
		all[name] = make();
	}
	return all;
}

function maker({ target, isClass }: Declaration, container: Inversify): Plan['make'] {
	if (!isClass) {
		return (services) => target(container.get(parametersToken), ...services);
	}
	prepareInjection(target as Newable);
	container.bind(selfToken).to(target as Newable);
	return () => container.get(selfToken);
}

function same(value: object): object {
	return value;
}
