import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';

// Nothing outside is a run of the experiment.
const place = z
	.string()
	.refine((path) => !isAbsolute(path) && !path.split('/').includes('..'), 'it leads out of the folder');

const jobSchema = z.object({
	/** Hash of the effective config. */
	id: z.string(),
	/** The values of the axes, by key. */
	point: z.record(z.string(), z.unknown()),
	/** The same as a config spells them, in the order of the axes. */
	texts: z.record(z.string(), z.string()),
	/** Inside the folder of the manifest. */
	config: place,
	run: place,
});

const manifestSchema = z.object({
	schema: z.literal('gimlet.manifest/1'),
	experiment: z.string(),
	variant: z.string(),
	question: z.string(),
	metric: z.string(),
	/** Which way of the metric is better; null where nothing says so. */
	direction: z.enum(['max', 'min']).nullable(),
	/** The direction comes from the experiment or from the metric itself; older manifests took it from the name. */
	declared: z.literal(true).optional(),
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

/** The manifest in a folder; undefined where there is none. Throws where it cannot be understood. */
export function readManifest(folder: string): Manifest | undefined {
	return readRecordInside(folder, manifestName, manifestSchema, limits.record);
}
