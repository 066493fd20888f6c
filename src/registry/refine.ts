import type { Refine } from './check.ts';
import { type Builder, compile } from './compile.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import type { Registry } from './registry.ts';

interface Schema {
	safeParse(value: unknown): { readonly error?: { readonly issues: readonly Issue[] } };
}

interface Issue {
	readonly message: string;
	readonly path: readonly PropertyKey[];
}

/** Asks the schemas themselves about plain values; components that are not loaded are not asked. */
export function refineWith(registry: Registry): Refine {
	return {
		parameter(component, parameter, meaning, lookup) {
			const schema = registry.find(component)?.parameters.shape[parameter] as Schema | undefined;
			const plain = plainValue(meaning, lookup);
			return schema === undefined || plain === undefined ? [] : issuesOf(schema, plain.value);
		},
		component(node, lookup) {
			const schema = registry.find(node.component.name)?.parameters;
			const values: Record<string, unknown> = {};
			for (const effective of node.parameters) {
				const { parameter, value } = effective;
				const meaning = lookup.meaningOf(effective);
				const plain = meaning === undefined ? undefined : plainValue(meaning, lookup);
				const field = schema?.shape[parameter.name] as Schema | undefined;
				// Rules over several parameters are asked only where each is known and right by itself.
				if (field === undefined || (value !== undefined && plain === undefined)) {
					return [];
				}
				if (plain !== undefined) {
					values[parameter.name] = plain.value;
				}
				if (issuesOf(field, plain?.value).length > 0) {
					return [];
				}
			}
			return schema === undefined ? [] : issuesOf(schema as unknown as Schema, values);
		},
	};
}

function issuesOf(schema: Schema, value: unknown): string[] {
	const { error } = schema.safeParse(value);
	return (error?.issues ?? []).map(
		({ message, path }) => `${path.map((step) => `[${String(step)}] `).join('')}${message}`,
	);
}

const nothing: Builder = { build: () => undefined, factory: () => () => undefined, shared: () => undefined };

// Components are only known once built: values that hold some are parsed then. What cannot be compiled is reported elsewhere.
function plainValue(meaning: ValueMeaning, lookup: Lookup): { readonly value: unknown } | undefined {
	try {
		const { constant, make } = compile(meaning, '', lookup, nothing);
		return make === undefined ? { value: constant } : undefined;
	} catch {
		return undefined;
	}
}
