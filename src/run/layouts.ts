import { z } from 'zod';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { leaseRecord } from './lease-file.ts';
import { metaSchema } from './meta.ts';
import { runFiles } from './paths.ts';
import { statusSchema } from './status.ts';

const figures = z.record(z.string(), z.union([z.number(), z.enum(['nan', 'inf', '-inf'])]));
const count = z.int().nonnegative();
const sha256 = z.string().length(64);
const hashes = z.record(z.string(), sha256);
const origin = z.looseObject({ type: z.enum(['default', 'file', 'bindings', 'text']) });

// Which way of a column is better; null where neither is.
const direction = z.enum(['min', 'max']).nullable();

/** What each JSON record of a run folder must hold; it may hold more. */
export const layouts = {
	status: statusSchema,
	meta: metaSchema,
	lock: leaseRecord,
	heartbeat: z.looseObject({
		schema: z.literal('gimlet.heartbeat/1'),
		pid: z.int(),
		epoch: count,
		step: count,
		time: z.iso.datetime(),
	}),
	operative: z.looseObject({
		schema: z.literal('gimlet.operative/1'),
		hash: z.string(),
		components: z.record(
			z.string(),
			z.looseObject({
				kind: z.string(),
				parameters: z.record(
					z.string(),
					z.looseObject({
						value: z.unknown(),
						text: z.string(),
						origin,
						overrode: z.array(z.looseObject({ text: z.string(), origin })),
						free: z.literal(true).optional(),
					}),
				),
			}),
		),
	}),
	git: z.looseObject({ schema: z.literal('gimlet.git/1'), commit: z.string().nullable(), patch_bytes: count }),
	model: z.looseObject({
		schema: z.literal('gimlet.model/1'),
		parameters: count,
		layers: z.array(z.looseObject({ name: z.string() })),
	}),
	data: z.looseObject({
		schema: z.literal('gimlet.data/1'),
		splits: z.record(
			z.string(),
			z.looseObject({ size: count, index_sha256: sha256, content_sha256: sha256.optional() }),
		),
	}),
	columns: z.looseObject({
		schema: z.literal('gimlet.columns/1'),
		columns: z.array(z.looseObject({ name: z.string(), direction, of: z.string() })),
		monitors: z.array(
			z.looseObject({ by: z.string(), column: z.string(), direction, checkpoint: z.string().optional() }),
		),
	}),
	identity: z.looseObject({
		schema: z.literal('gimlet.identity/1'),
		code: z.looseObject({ commit: z.string().nullable(), files: hashes, imported: hashes.optional() }),
		versions: z.record(z.string(), z.string()),
		engine: z.looseObject({ tier: z.string(), simd: z.string() }),
		/** Of files that describe the run, by name; older runs have none. */
		records: hashes.optional(),
	}),
	summary: z.looseObject({
		schema: z.literal('gimlet.summary/1'),
		epochs: count,
		steps: count,
		last: figures,
		test: figures,
		/** Of each checkpoint that a column decides about: that column, and the row of its epoch; older runs have none. */
		checkpoints: z
			.record(z.string(), z.looseObject({ epochs: count, step: count, monitor: z.string(), figures }))
			.optional(),
	}),
} as const;

/** The records that have a file of their own. */
export type RecordName = keyof typeof layouts;

/** What each file of `eval/` must hold. */
export const evaluationLayout = z.looseObject({
	schema: z.literal('gimlet.evaluation/1'),
	split: z.string(),
	checkpoint: z.string(),
	n_examples: count,
	metrics: figures,
	step: count.optional(),
	/** Names the code, engine and data where they are not those of the run, and says what differs. */
	other: z
		.string()
		.regex(/^[0-9a-f]{1,64}$/u)
		.optional(),
	differs: z.array(z.string()).optional(),
});

/**
 * A record of a run; undefined where there is none. One that cannot be read, is of a later version or does not hold what
 * it must is a RefusedError that names file and field.
 */
export function readRecord<K extends RecordName>(folder: string, name: K): z.output<(typeof layouts)[K]> | undefined {
	const found: unknown = readRecordInside(folder, runFiles[name], layouts[name], limitOf(name));
	return found as z.output<(typeof layouts)[K]> | undefined;
}

/** How large a record may be, in bytes. */
export function limitOf(name: RecordName): number {
	return name === 'status' || name === 'lock' || name === 'heartbeat' ? limits.note : limits.record;
}
