import { z } from 'zod';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { runFiles } from './paths.ts';

/** The name of the manifest inside `configs/`. */
export const manifestName = 'manifest.json';

const entrySchema = z.object({
	/** Below `configs/`. */
	file: z.string(),
	/** As it was named on the command line or in an include; the whole path of a plug-in's file. */
	original: z.string(),
	sha256: z.string(),
	bytes: z.number().int().nonnegative(),
	/** Of code: the whole paths of the plug-ins that it belongs to. A plug-in belongs to itself. */
	plugins: z.array(z.string()).readonly().optional(),
});

/** What the manifest must hold. */
export const manifestSchema = z.object({
	schema: z.literal('gimlet.sources/1'),
	sources: z.array(entrySchema).readonly(),
});

/** One row of `configs/manifest.json`. */
export type SourceEntry = Readonly<z.infer<typeof entrySchema>>;

/** The copies that a run folder keeps of its sources; none where it has no manifest. */
export function readSourceManifest(folder: string): readonly SourceEntry[] {
	const name = `${runFiles.configs}/${manifestName}`;
	return readRecordInside(folder, name, manifestSchema, limits.record)?.sources ?? [];
}
