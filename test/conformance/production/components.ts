import { z } from 'zod';
import { functionKind } from '../../../src/registry/kinds.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import type { Call, Entry, Json } from '../case.ts';
import { decode, Instance, Opaque } from './values.ts';

/** What the functions of a case may ask for while they run. */
export interface Calls {
	call(call: Call): unknown;
}

/** Thrown where a case does what a component of gimlet has no form for. */
export class NoForm extends Error {}

/** Registers the function or class of an entry, whose parameters take anything. */
export function register(
	registry: Registry,
	entry: Entry,
	calls: Calls,
	mentioned: (name: string) => readonly string[],
	module = 'case',
): void {
	const { params: own = [], kind, varkw, name } = entry;
	if (entry.varargs !== undefined || entry.base !== undefined || entry.methods !== undefined || entry.no_init) {
		throw new NoForm('parameters without names, methods and base classes');
	}
	// What takes any name declares those that the case's texts bind.
	const more = varkw === undefined ? [] : mentioned(name).filter((one) => !own.some((param) => param.name === one));
	const params = [...own, ...more.map((one) => ({ name: one, isOptional: true }))];
	const allowed = params.filter((param) => isAllowed(entry, param.name));
	const shape = Object.fromEntries(
		allowed.map((param) => {
			const { aliases = [] } = param as { readonly aliases?: readonly string[] };
			return [param.name, schemaOf(param).meta({ aliases })];
		}),
	);
	const others = own.filter((param) => !isAllowed(entry, param.name) && 'default' in param);
	const behave = behaviour(entry, calls);
	const run = (p: Readonly<Record<string, unknown>>) => {
		const all = { ...Object.fromEntries(others.map((param) => [param.name, decode(param.default!)])), ...p };
		const names = params.map((param) => param.name).filter((one) => Object.hasOwn(all, one));
		return behave(new Map(names.map((one) => [one, all[one]])));
	};
	registry.add({
		name: completeName(entry, module),
		kind: functionKind,
		parameters: z.strictObject(shape).meta(entry.aliases === undefined ? {} : { aliases: entry.aliases }),
		target: kind === 'class' ? (p: never) => new Instance(name, mapOf(run(p))) : run,
		isClass: false,
		file: '',
	});
}

/** The complete name that gin gives it. */
export function completeName({ name, module, py_module }: Entry, defining: string): string {
	const prefix = module ?? (name.includes('.') ? undefined : (py_module ?? defining));
	return prefix === undefined || prefix === '' ? name : `${prefix}.${name}`;
}

// The lists of gin say which parameters may be bound; here those are declared, and no others.
function isAllowed({ allowlist, denylist }: Entry, name: string): boolean {
	const [allowed, denied] = [plainList(allowlist), plainList(denylist)];
	return (allowed.length === 0 || allowed.includes(name)) && !denied.includes(name);
}

function plainList(list: Json | undefined): readonly Json[] {
	const items =
		typeof list === 'object' && list !== null && '$tuple' in list ? (list as { $tuple: Json }).$tuple : list;
	return Array.isArray(items) ? items : [];
}

function schemaOf(param: { readonly name: string; readonly default?: Json; readonly isOptional?: boolean }): z.ZodType {
	if (param.isOptional) {
		return z.any().optional();
	}
	if (!('default' in param) || isTagged(param.default!, '$required')) {
		return z.any();
	}
	const value = decode(param.default!);
	// What the default is decides how it prints: as a float, as a tuple.
	const type = isTagged(param.default!, '$float')
		? z.union([z.number(), z.any()])
		: isTagged(param.default!, '$tuple')
			? z.union([z.tuple([]).rest(z.any()), z.any()])
			: z.any();
	return type.default(value as never);
}

function isTagged(json: Json, tag: string): boolean {
	return typeof json === 'object' && json !== null && tag in json;
}

function mapOf(value: unknown): ReadonlyMap<string, unknown> {
	return value instanceof Map ? value : new Map();
}

function behaviour(entry: Entry, calls: Calls): (received: Map<string, unknown>) => unknown {
	const [kind, argument = ''] = split(entry.returns ?? 'kwargs', ':');
	let runs = 0;
	return (received) => {
		runs++;
		switch (kind) {
			case 'kwargs':
				return received;
			case 'kwargs+scope':
				return Object.assign(new Map(received), { isScoped: true });
			case 'counter':
				return new Map([...received, ['n', runs]]);
			case 'param':
				return received.get(argument);
			case 'call':
				return (received.get(argument) as () => unknown)();
			case 'call_twice':
				return [0, 1].map(() => (received.get(argument) as () => unknown)());
			case 'same': {
				const [first, second = ''] = split(argument, ',');
				return received.get(first) === received.get(second);
			}
			case 'mutate': {
				const list = received.get(argument) as unknown[];
				list.push('mutated');
				return [...list];
			}
			case 'raise':
				throw new Error(split(argument, ',')[1] ?? '');
			case 'opaque':
				return new Opaque(entry.name);
			case 'none':
				return null;
			case 'calls': {
				const results = (entry.body ?? []).map((one) => calls.call(one));
				return entry.with_params
					? new Map<string, unknown>([
							['params', received],
							['calls', results],
						])
					: results;
			}
			default:
				throw new NoForm(`a function that returns ${kind}`);
		}
	};
}

function split(text: string, separator: string): [string, string | undefined] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
