import { z } from 'zod';
import type { ParameterMeta } from './parameters.ts';
import type { Registry } from './registry.ts';

/** The JSON Schema of everything that can be bound: one property per `component.parameter`. */
export function jsonSchema(registry: Registry): Record<string, unknown> {
	const properties: Record<string, unknown> = {};
	for (const { name, parameters } of registry.all()) {
		for (const [parameter, schema] of Object.entries(parameters.shape)) {
			properties[`${name}.${parameter}`] = parameterSchema(schema as z.ZodType, registry);
		}
	}
	return {
		$schema: 'https://json-schema.org/draft/2020-12/schema',
		title: 'gimlet config',
		description: 'Every parameter that a config can bind. A scope may stand before the name, as in scope/mlp.units.',
		type: 'object',
		properties,
		additionalProperties: false,
	};
}

function parameterSchema(schema: z.ZodType, registry: Registry): unknown {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, {
		io: 'input',
		unrepresentable: 'any',
		override: ({ zodSchema, jsonSchema: json }) => {
			const meta = (zodSchema as unknown as z.ZodType).meta?.() as ParameterMeta | undefined;
			if (meta?.component !== undefined) {
				json.anyOf = [{ enum: registry.names(meta.component) }, { type: 'string', pattern: '^@' }];
			}
		},
	});
	return rest;
}
