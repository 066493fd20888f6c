import { z } from 'zod';
import type { Source } from '../../../src/gin/ast.ts';
import type { Merged } from '../../../src/gin/merge/merged.ts';
import type { Catalog } from '../../../src/registry/catalog.ts';
import type { Parameters } from '../../../src/registry/declaration.ts';
import { catalogOf } from '../../../src/registry/describe.ts';
import { defineKind, functionKind, type Kind } from '../../../src/registry/kinds.ts';
import { component, factory, named } from '../../../src/registry/parameters.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { assemble } from '../../fixtures/assemble.ts';

export const netKind = defineKind<Net>('net', undefined, 'A network.');
export const toolKind = defineKind<Tool>('tool', undefined, 'Anything else.');
export const rampKind = defineKind<Ramp>('ramp', undefined, 'A number that changes.');

/** Remembers what it was built with. */
export class Built {
	constructor(
		readonly p: Record<string, unknown>,
		...services: unknown[]
	) {
		this.services = services;
	}
	readonly services: readonly unknown[];
}

export class Net extends Built {}
export class Tool extends Built {}
export class Ramp extends Built {}

const netParameters = z
	.object({
		filters: z.array(z.int().min(1)).min(1).default([32, 64]).describe('Channels of each layer.'),
		dropout: z.number().min(0).lt(1).default(0).describe('Share of units left out.'),
		activation: z.enum(['relu', 'tanh', 'gelu']).default('relu').describe('Nonlinearity.'),
		bias: z.boolean().default(true).describe('Adds a bias.'),
		inner: component(netKind).nullable().default(null).describe('A network within.'),
	})
	.describe('A network of layers.');

const adamParameters = z
	.object({
		rate: z
			.union([z.number().positive(), component(rampKind)])
			.default(0.001)
			.meta({ unit: '1/step' })
			.describe('Rate.'),
		betas: z.tuple([z.number(), z.number()]).default([0.9, 0.999]).describe('Decay rates.'),
		extra: z.record(z.string(), z.int()).default({}).describe('More.'),
	})
	.describe('Adam.');

const fitParameters = z
	.object({
		net: component(netKind).describe('What to fit.'),
		tool: component(toolKind).default(named<Tool>('adam')).describe('How.'),
		tools: z.array(component(toolKind)).default([]).describe('More tools.'),
		maker: factory(netKind).optional().describe('Builds nets later.'),
		n_epochs: z
			.int()
			.min(0)
			.default(10)
			.meta({ free: true, aliases: ['epochs'] })
			.describe('Passes.'),
		name: z.string().nullable().default(null).describe('Label.'),
		even: z
			.int()
			.refine((value) => value % 2 === 0, 'expects an even number')
			.default(2)
			.describe('An even number.'),
	})
	.describe('Fits a net.');

/** A registry of its own with a few components. */
export function zoo(): Registry {
	const registry = new Registry();
	declareIn(registry, netKind, 'cnn', netParameters, Net);
	declareIn(registry, netKind, 'mlp', z.object({ units: z.int().default(8) }), Net);
	declareIn(registry, toolKind, 'adam', adamParameters, Tool);
	declareIn(registry, toolKind, 'stopper', z.object({ patience: z.int().min(1) }), Tool);
	declareIn(registry, rampKind, 'ramp.linear', z.object({ to: z.number().default(0) }), Ramp);
	declareIn(registry, rampKind, 'cosine', z.object({ period: z.int().default(1) }), Ramp);
	declareFunctionIn(registry, 'fit', fitParameters, (p: unknown, ...services: unknown[]) => ({ p, services }));
	return registry;
}

export function declareIn(
	registry: Registry,
	kind: Kind<unknown>,
	name: string,
	parameters: Parameters,
	target: unknown,
): void {
	registry.add({ name, kind, parameters: parameters.strict(), target, isClass: true, file: `${name}.ts` });
}

export function declareFunctionIn(registry: Registry, name: string, parameters: Parameters, target: unknown): void {
	registry.add({ name, kind: functionKind, parameters: parameters.strict(), target, isClass: false, file: 'fit.ts' });
}

/** Files by name, and `-b` lines, merged. */
export function merged(files: Record<string, string>, catalog: Catalog, bindings: readonly string[] = []): Merged {
	const sources: Source[] = [
		...Object.entries(files).map(([name, text]) => ({ name, kind: 'file' as const, text })),
		...bindings.map((text, index) => ({ name: `-b ${index + 1}`, kind: 'bindings' as const, text })),
	];
	const surroundings = {
		read: (path: string) => files[path],
		env: (name: string) => (name === 'FIVE' ? '5' : undefined),
		searchPath: [],
		uses: new Map<string, string>(),
	};
	return assemble(sources, surroundings, catalog);
}

export function catalog(): Catalog {
	return catalogOf(zoo());
}
