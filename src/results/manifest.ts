import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../core/errors.ts';

const jobSchema = z.object({
	/** Hash of the effective config. */
	id: z.string(),
	/** The values of the axes, by key. */
	point: z.record(z.string(), z.unknown()),
	/** The same as a config spells them, in the order of the axes. */
	texts: z.record(z.string(), z.string()),
	/** Relative to the folder of the manifest. */
	config: z.string(),
	run: z.string(),
});

const manifestSchema = z.object({
	schema: z.literal('gimlet.manifest/1'),
	experiment: z.string(),
	variant: z.string(),
	question: z.string(),
	metric: z.string(),
	direction: z.enum(['max', 'min']),
	/** The keys that differ between jobs, in the order written. */
	axes: z.array(z.string()),
	/** As a config spells them; null where there is no baseline. */
	baseline: z.record(z.string(), z.string()).nullable(),
	jobs: z.array(jobSchema),
});

/** `manifest.json` of an experiment's variant: its jobs in order. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestJob = Manifest['jobs'][number];

export const manifestName = 'manifest.json';

/** The manifest in a folder; undefined where there is none. Throws a UsageError where it cannot be understood. */
export function readManifest(folder: string): Manifest | undefined {
	const path = join(folder, manifestName);
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
	try {
		return manifestSchema.parse(JSON.parse(text));
	} catch (error) {
		const [first, ...others] =
			error instanceof z.ZodError ? z.prettifyError(error).split('\n') : [(error as Error).message];
		throw new UsageError('experiment.manifest', [`${path} is no manifest of an experiment: ${first}`, ...others]);
	}
}
