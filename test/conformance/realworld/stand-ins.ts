import { z } from 'zod';
import type { Value } from '../../../src/gin/ast.ts';
import { isBuiltin } from '../../../src/gin/model/builtins.ts';
import { noComponents } from '../../../src/gin/model/cells.ts';
import { bindingsOf, parse } from '../../../src/gin/parser.ts';
import { visitValue } from '../../../src/gin/values.ts';
import { functionKind } from '../../../src/registry/kinds.ts';
import { Registry } from '../../../src/registry/registry.ts';

/** Components as a file of another project names them, whose parameters take anything. */
export function standIns(text: string): Registry {
	const parameters = new Map<string, Set<string>>();
	const see = (selector: string, parameter?: string) => {
		const known = parameters.get(selector) ?? new Set<string>();
		parameters.set(selector, parameter === undefined ? known : known.add(parameter));
	};
	const { statements } = parse({ name: 'real', kind: 'text', text }, { extensions: false });
	const values: Value[] = [];
	for (const binding of bindingsOf(statements)) {
		see(binding.selector, binding.parameter);
		values.push(binding.value);
	}
	for (const statement of statements) {
		if (statement.type === 'macro') {
			values.push(statement.value);
		}
	}
	for (const value of values) {
		visitValue(value, (part) => void (part.type === 'reference' && see(part.selector)));
	}
	return registryOf(parameters);
}

function registryOf(parameters: ReadonlyMap<string, ReadonlySet<string>>): Registry {
	const registry = new Registry();
	const own = [...parameters.keys()].filter((name) => !isOwn(name));
	// A name that others end with means them.
	const whole = own.filter((name) => !own.some((other) => other.endsWith(`.${name}`)));
	for (const name of whole) {
		const all = own
			.filter((other) => other === name || name.endsWith(`.${other}`))
			.flatMap((other) => [...(parameters.get(other) ?? [])]);
		registry.add({
			name,
			kind: functionKind,
			parameters: z.strictObject(Object.fromEntries(all.map((key) => [key, z.any().optional()]))),
			target: (given: object) => given,
			isClass: false,
			file: '',
		});
	}
	return registry;
}

function isOwn(name: string): boolean {
	return isBuiltin(noComponents.select(name).name ?? '');
}
