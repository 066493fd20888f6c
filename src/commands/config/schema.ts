import type { Io } from '../main.ts';
import { printJson } from '../output.ts';
import { loadComponents } from '../training-config.ts';

/** Prints the JSON Schema of an object with a key per `component.parameter`. */
export async function printSchema(io: Pick<Io, 'stdout'>): Promise<void> {
	await loadComponents();
	const [{ declared }, { jsonSchema }] = await Promise.all([
		import('../../registry/registry.ts'),
		import('../../registry/json-schema.ts'),
	]);
	printJson(io, jsonSchema(declared));
}
