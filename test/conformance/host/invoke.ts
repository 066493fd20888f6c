import type { Configurable } from './configurable.ts';
import { type CallArguments, type CallableDatum, copyDatum, type Datum, noArguments, required } from './data.ts';
import { GinError, quoteList } from './gin-error.ts';
import { unknownReference } from './resolve.ts';
import { inSignatureOrder, positionalNames, requiredNames } from './signature.ts';
import type { State } from './state.ts';

/** Deeper than any config that ends; Python gives up even earlier. */
const maxDepth = 200;

/** What is bound to a configurable in a scope: longer prefixes of the scope win. Values stand as bound. */
export function boundValues(
	state: State,
	selector: string,
	scope: readonly string[],
	inherit = true,
): Map<string, Datum> {
	const path = scope.join('/');
	const found = inherit ? state.config.inScope(selector, path) : (state.config.exactly(selector, path) ?? []);
	return new Map([...found].map(([name, { value }]) => [name, value]));
}

/** A copy in which references have been called or turned into callables. */
export function evaluate(state: State, datum: Datum): Datum {
	return copyDatum(datum, (leaf) => {
		if (leaf.type === 'unknown') {
			const more = '\n\n    To catch this earlier, ensure gin.finalize() is called.';
			throw unknownReference(leaf.selector, leaf.evaluate, more);
		}
		if (leaf.type !== 'resolved') {
			return leaf;
		}
		const callable = callableOf(state, leaf.configurable, leaf.scopes);
		return leaf.evaluate ? callable.call(noArguments) : callable;
	});
}

/** A configurable to call later; with scopes, they replace the active scope. */
export function callableOf(state: State, configurable: Configurable, scopes: readonly string[]): CallableDatum {
	const isScoped = scopes.length > 0;
	const call = (given: CallArguments) => invoke(state, configurable, given, isScoped ? scopes : undefined);
	return {
		type: 'callable',
		configurable,
		scopes: isScoped ? scopes : undefined,
		call: isScoped ? (given) => state.inScope(scopes, () => call(given)) : call,
	};
}

/** Calls a configurable: what is bound in the active scope fills in what the caller left out. */
export function invoke(
	state: State,
	configurable: Configurable,
	given: CallArguments,
	scopes?: readonly string[] | undefined,
): Datum {
	if (state.depth >= maxDepth) {
		throw endless();
	}
	state.depth++;
	try {
		return new Invocation(state, configurable, given).run(scopes);
	} catch (error) {
		throw error instanceof RangeError && error.message.includes('call stack') ? endless() : error;
	} finally {
		state.depth--;
	}
}

function endless(): GinError {
	return new GinError('recursion', 'RecursionError', 'maximum recursion depth exceeded');
}

class Invocation {
	readonly #state: State;
	readonly #configurable: Configurable;
	readonly #given: CallArguments;
	readonly #selector: string;
	/** The parameters given by position. */
	readonly #slots: readonly string[];
	/** Parameters for which the caller gave the required marker, by position and by name. */
	readonly #asked: readonly string[];
	readonly #askedByName: readonly string[];

	constructor(state: State, configurable: Configurable, given: CallArguments) {
		this.#state = state;
		this.#configurable = configurable;
		this.#given = given;
		// Two methods of one name and module are one to gin: both follow the class adopted last.
		this.#selector = state.renamed.get(configurable.firstSelector) ?? configurable.firstSelector;
		this.#slots = positionalNames(configurable.target.signature).slice(0, given.positional.length);
		this.#asked = this.#slots.filter((_, index) => given.positional[index] === required);
		this.#askedByName = [...given.named].filter(([, value]) => value === required).map(([name]) => name);
	}

	run(scopes: readonly string[] | undefined): Datum {
		const { positional, named } = this.#given;
		const raw = boundValues(this.#state, this.#selector, this.#state.scope);
		const boundNames = [...raw.keys()];
		if (positional.slice(this.#slots.length).includes(required)) {
			const message = 'gin.REQUIRED is not allowed for unnamed (vararg) parameters.';
			throw new GinError('required_vararg', 'ValueError', message);
		}
		this.#dropGiven(raw);
		this.#record(raw);
		const values = new Map([...raw].map(([name, value]) => [name, evaluate(this.#state, value)]));
		this.#requireAll(values);
		const filled = positional.map((value, index) => (value === required ? values.get(this.#slots[index]!)! : value));
		for (const name of this.#asked) {
			values.delete(name);
		}
		for (const [name, value] of named) {
			if (value !== required) {
				values.set(name, value);
			}
		}
		const scope = this.#state.scope.join('/');
		try {
			return this.#configurable.target.run({ positional: filled, named: values }, this.#configurable, scopes);
		} catch (error) {
			this.#explain(error, scope, filled, values, boundNames);
			throw error;
		}
	}

	#dropGiven(raw: Map<string, Datum>): void {
		for (const name of this.#slots) {
			if (!this.#asked.includes(name)) {
				raw.delete(name);
			}
		}
		if (this.#configurable.target.signature.hasSelf) {
			raw.delete('self');
		}
	}

	// Recorded before anything is evaluated or checked, so calls that fail are seen too.
	#record(raw: ReadonlyMap<string, Datum>): void {
		const used = new Map([...this.#configurable.shownDefaults, ...raw]);
		for (const name of this.#slots) {
			if (!this.#asked.includes(name)) {
				used.delete(name);
			}
		}
		for (const name of this.#given.named.keys()) {
			if (!this.#askedByName.includes(name)) {
				used.delete(name);
			}
		}
		const { operative } = this.#state;
		const scope = this.#state.scope.join('/');
		const id = `${scope} ${this.#selector}`;
		const before = operative.get(id)?.values ?? [];
		operative.set(id, { scope, selector: this.#selector, values: new Map([...before, ...used]) });
	}

	#requireAll(values: ReadonlyMap<string, Datum>): void {
		const { signature } = this.#configurable.target;
		const byDefault = requiredNames(signature).filter(
			(name) => !this.#slots.includes(name) && !this.#given.named.has(name),
		);
		const missing = [...this.#asked, ...byDefault, ...this.#askedByName].filter((name) => !values.has(name));
		if (missing.length > 0) {
			const minimal = this.#state.registry.minimal(this.#selector);
			const names = quoteList(inSignatureOrder(signature, missing));
			const message = `Required bindings for \`${minimal}\` not provided in config: ${names}`;
			throw new GinError('required_missing', 'RuntimeError', message);
		}
	}

	#explain(
		error: unknown,
		scope: string,
		filled: readonly Datum[],
		values: ReadonlyMap<string, Datum>,
		boundNames: readonly string[],
	): void {
		if (!(error instanceof Error) || (error instanceof GinError && error.code === 'recursion')) {
			return;
		}
		const { name, target } = this.#configurable;
		const isTypeError = error instanceof TypeError || (error instanceof GinError && error.kind === 'TypeError');
		const lists = isTypeError ? this.#whoGaveWhat(filled, values, boundNames) : '';
		error.message += `${lists}\n  In call to configurable '${name}' (${target.name})${scope === '' ? '' : ` in scope '${scope}'`}`;
	}

	#whoGaveWhat(filled: readonly Datum[], values: ReadonlyMap<string, Datum>, boundNames: readonly string[]): string {
		const { signature } = this.#configurable.target;
		const withoutDefault = signature.parameters.filter(
			(parameter) => !parameter.isKeywordOnly && parameter.default === undefined,
		);
		const unbound = withoutDefault.slice(filled.length).filter(({ name }) => !values.has(name));
		if (unbound.length === 0) {
			return '';
		}
		const byCaller = [...new Set([...this.#slots, ...this.#given.named.keys()])].filter(
			(name) => !this.#asked.includes(name) && !this.#askedByName.includes(name),
		);
		const names = unbound.map(({ name }) => name);
		return `\n  No values supplied by Gin or caller for arguments: ${quoteList(names.sort())}\n  Gin had values bound for: ${quoteList(
			boundNames.toSorted(),
		)}\n  Caller supplied values for: ${quoteList(byCaller.sort())}`;
	}
}
