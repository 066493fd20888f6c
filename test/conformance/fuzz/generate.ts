import type { Dice } from '../../../scripts/gin-mutations.ts';
import type { Call, Case, Entry } from '../case.ts';

/** A random config for both readings; only the spelling of what gin has no other names for differs. */
export interface Pair {
	readonly host: Case;
	readonly production: Case;
}

interface Component {
	readonly module: string;
	readonly name: string;
	readonly parameters: readonly string[];
	readonly returns: string;
}

// Names that end alike, and one of gin's own words.
const components: readonly Component[] = [
	{ module: 'lab', name: 'root', parameters: ['a', 'b', 'c'], returns: 'kwargs+scope' },
	{ module: 'lab', name: 'run', parameters: ['f'], returns: 'call:f' },
	{ module: 'lab.nets', name: 'net', parameters: ['a', 'units'], returns: 'kwargs+scope' },
	{ module: 'other.nets', name: 'net', parameters: ['a', 'rate'], returns: 'kwargs+scope' },
	{ module: 'lab', name: 'Adam', parameters: ['rate', 'value'], returns: 'kwargs' },
	{ module: 'lab', name: 'schedule', parameters: ['value', 'constructor'], returns: 'kwargs+scope' },
	{ module: 'lab', name: 'leaf', parameters: ['x', 'y'], returns: 'kwargs+scope' },
];
/** How each is called by another name, where programs of gimlet give it one. */
const nameAliases = new Map([['Adam', 'adam_optimizer']]);
const parameterAliases = new Map([
	['rate', 'learning_rate'],
	['units', 'width'],
]);

const scopes = ['s', 't', 's/t', 't/s', 's/t/u', 'lr', 'm1'];
/** Each may use those behind it; the last is a key of dicts. */
const macros = ['lr', 'm1', 'm2', 's/m1', 's/t/m2', 'net', 'm2_key'];
const keys = ['k1', 'k2', 's/k1'];
const plain = ['0', '1', '-2.5', '1e-3', "'text'", 'True', 'None', '()', '[]', '{}', "b'x'", "'leaf'"];

/** Statements are made in two spellings: gin's, and one with the other names that gimlet has. */
type Both = readonly [host: string, production: string];

/** Makes a config of macros, singletons, scopes and references in one to four sources, and calls that ask for all of it. */
export function generatePair(roll: Dice, id: string): Pair {
	// A reference is shown as it is written: where both write it in their own way, only what is built is compared.
	const hasOwnValues = roll(2) === 0;
	const maker = new Maker(roll, hasOwnValues);
	const count = 1 + roll(4);
	const texts = Array.from({ length: count }, () => maker.text(2 + roll(9)));
	const bindings = roll(3) === 0 ? [maker.line(), maker.line()] : [];
	const base: readonly Both[] = [['run.f = @leaf\n', 'run.f = @leaf\n'], maker.definitions()];
	const side = (at: 0 | 1): Case => ({
		id,
		registry: components.map((component) => entryOf(component, at === 1)),
		config: [...base, ...texts].map((both) => both[at]),
		...(bindings.length === 0 ? {} : { bindings: bindings.map((both) => both[at]) }),
		calls: maker.calls(),
		...(hasOwnValues ? {} : { queries: maker.queries[at], want: ['config_str', 'operative_config_str'] }),
		expect: {},
	});
	const host = side(0);
	// The calls are drawn once.
	return { host, production: { ...side(1), calls: host.calls! } };
}

function entryOf({ module, name, parameters, returns }: Component, hasAliases: boolean): Entry {
	const params = parameters.map((parameter) => {
		const alias = hasAliases ? parameterAliases.get(parameter) : undefined;
		return { name: parameter, default: 0, ...(alias === undefined ? {} : { aliases: [alias] }) };
	});
	const alias = hasAliases ? nameAliases.get(name) : undefined;
	return { name, module, kind: 'function', params, returns, ...(alias === undefined ? {} : { aliases: [alias] }) };
}

class Maker {
	readonly queries: [string[], string[]] = [[], []];
	readonly #roll: Dice;

	readonly #hasOwnValues: boolean;

	constructor(roll: Dice, hasOwnValues: boolean) {
		this.#roll = roll;
		this.#hasOwnValues = hasOwnValues;
	}

	/** Everything that values may name is bound once, so that nothing is asked for in vain. */
	definitions(): Both {
		const lines = [
			...macros.map((path, at) => this.#macroLine(path, at)),
			...keys.map((key) => this.#singletonLine(key)),
		];
		return joined(lines);
	}

	text(lines: number): Both {
		return joined(Array.from({ length: lines }, () => (this.#roll(8) === 0 ? this.#block() : this.line())));
	}

	line(): Both {
		switch (this.#roll(8)) {
			case 0: {
				const at = this.#roll(macros.length);
				return this.#macroLine(macros[at]!, at);
			}
			case 1:
				return this.#singletonLine(this.#pick(keys));
			default: {
				const at = this.#roll(components.length);
				const { name } = components[at]!;
				return name === 'run' ? this.#runLine() : this.#binding(at);
			}
		}
	}

	calls(): Call[] {
		const all = components.flatMap(({ module, name }) =>
			['', ...scopes].filter(() => this.#roll(3) > 0).map((scope) => ({ selector: `${module}.${name}`, scope })),
		);
		return all.map(({ selector, scope }): Call => (scope === '' ? { get: selector } : { get: `${scope}/${selector}` }));
	}

	#binding(at: number): Both {
		const component = components[at]!;
		const parameter = this.#pick(component.parameters);
		const scope = this.#scope();
		const value = this.#value(at, 2);
		const [name, other] = this.#names(component);
		this.#ask([`${scope}${name}.${parameter}`, `${scope}${other}.${this.#alias(parameter)}`]);
		return [
			`${scope}${name}.${parameter} = ${value[0]}\n`,
			`${scope}${other}.${this.#alias(parameter)} = ${value[1]}\n`,
		];
	}

	#block(): Both {
		const at = 2 + this.#roll(components.length - 2);
		const component = components[at]!;
		const scope = this.#scope();
		const lines = component.parameters.map((parameter): Both => {
			const value = this.#value(at, 1);
			return [`  ${parameter} = ${value[0]}\n`, `  ${this.#alias(parameter)} = ${value[1]}\n`];
		});
		const [name, other] = this.#names(component);
		return joined([[`${scope}${name}:\n`, `${scope}${other}:\n`], ...lines]);
	}

	// What `run` calls is a component as such.
	#runLine(): Both {
		const [name, other] = this.#names(components[2 + this.#roll(components.length - 2)]!);
		const scope = this.#scope();
		const inner = this.#scope();
		const [value, own] = this.#spelled(`@${inner}${name}`, `@${inner}${other}`);
		return [`${scope}run.f = ${value}\n`, `${scope}lab.run.f = ${own}\n`];
	}

	#macroLine(path: string, at: number): Both {
		// What a macro stands for comes later in all lists: no circles.
		const value = this.#macroValue(at);
		const spell = () => `${path}${this.#pick(['', '/macro.value', '/gin.macro.value'])}`;
		this.#ask([`%${path}`, this.#roll(2) === 0 ? `%${path}` : `${path}/gin.macro.value`]);
		return [`${spell()} = ${value[0]}\n`, `${spell()} = ${value[1]}\n`];
	}

	#macroValue(at: number): Both {
		if (at === macros.length - 1) {
			return same(this.#pick(["'key'", '7', "('a', 1)"]));
		}
		return this.#roll(4) === 0 && at + 1 < macros.length - 1
			? this.#macroUse(at + 1 + this.#roll(macros.length - at - 2))
			: this.#value(components.length - 3, 1, false);
	}

	#singletonLine(key: string): Both {
		const [name, other] = this.#names(components[components.length - 1 - this.#roll(2)]!);
		const spell = () => `${key}/${this.#pick(['singleton', 'gin.singleton'])}.constructor`;
		const [value, own] = this.#spelled(`@${name}`, `@${other}`);
		return [`${spell()} = ${value}\n`, `${spell()} = ${own}\n`];
	}

	// Components use those that stand later in the list.
	#value(at: number, depth: number, mayUseMacros = at < components.length - 2): Both {
		switch (this.#roll(depth > 0 ? 10 : 6)) {
			case 0:
			case 1:
				return same(this.#pick(plain));
			case 2:
			case 3:
				return at + 1 < components.length ? this.#reference(at) : same(this.#pick(plain));
			case 4:
				return mayUseMacros ? this.#macroUse(this.#roll(macros.length - 1)) : same(this.#pick(plain));
			case 5:
				return at < components.length - 2 ? this.#shared() : same('3');
			case 6:
			case 7:
				return this.#sequence(at, depth, '[', ']', mayUseMacros);
			case 8:
				return this.#sequence(at, depth, '(', ',)', mayUseMacros);
			default: {
				const entry = this.#value(at, depth - 1, mayUseMacros);
				const key = this.#roll(4) === 0 && mayUseMacros ? same('%m2_key') : same("'k'");
				return [`{${key[0]}: ${entry[0]}, 2: 3}`, `{${key[1]}: ${entry[1]}, 2: 3}`];
			}
		}
	}

	#sequence(at: number, depth: number, open: string, close: string, mayUseMacros: boolean): Both {
		const items = Array.from({ length: 1 + this.#roll(3) }, () => this.#value(at, depth - 1, mayUseMacros));
		return [0, 1].map(
			(side) => `${open}${items.map((item) => item[side as 0 | 1]).join(', ')}${close}`,
		) as unknown as Both;
	}

	#reference(at: number): Both {
		const component = components[at + 1 + this.#roll(components.length - at - 1)]!;
		const [name, other] = this.#names(component);
		const scope = this.#scope();
		const call = this.#roll(3) === 0 ? '' : '()';
		return this.#spelled(`@${scope}${name}${call}`, `@${scope}${other}${call}`);
	}

	#macroUse(at: number): Both {
		const path = macros[at]!;
		const spellings = [`%${path}`, `%${path}`, `@${path}/macro()`, `@${path}/gin.macro()`];
		return this.#spelled(this.#pick(spellings), this.#pick(spellings));
	}

	#shared(): Both {
		const key = this.#pick(keys);
		const spellings = [`@${key}/singleton()`, `@${key}/gin.singleton()`];
		return this.#spelled(this.#pick(spellings), this.#pick(spellings));
	}

	#spelled(first: string, second: string): Both {
		return this.#hasOwnValues ? [first, second] : [first, first];
	}

	// Any ending of the complete name that means this component alone.
	#names({ module, name }: Component): Both {
		const parts = [...module.split('.'), name];
		const endings = parts.map((_, from) => parts.slice(from).join('.'));
		const usable = name === 'net' ? endings.slice(0, 1) : endings;
		const alias = nameAliases.get(name);
		return [this.#pick(usable), alias !== undefined && this.#roll(2) === 0 ? alias : this.#pick(usable)];
	}

	#alias(parameter: string): string {
		const alias = parameterAliases.get(parameter);
		return alias !== undefined && this.#roll(2) === 0 ? alias : parameter;
	}

	#scope(): string {
		return this.#roll(2) === 0 ? '' : `${this.#pick(scopes)}/`;
	}

	#ask(both: Both): void {
		if (this.#roll(3) === 0) {
			this.queries[0].push(both[0]);
			this.queries[1].push(both[1]);
		}
	}

	#pick<T>(from: readonly T[]): T {
		return from[this.#roll(from.length)]!;
	}
}

function same(text: string): Both {
	return [text, text];
}

function joined(lines: readonly Both[]): Both {
	return [lines.map(([host]) => host).join(''), lines.map(([, production]) => production).join('')];
}
