import { chooseVariant, type Experiment } from '../../experiments/experiment.ts';
import type { Io } from '../main.ts';
import type { ReportOptions } from '../report/options.ts';
import { writeReport } from '../report/write.ts';
import { variantFolder } from './plan.ts';
import { requireManifest } from './status.ts';

/** Reports on a variant; its files go into its folder unless said otherwise. */
export async function reportVariant(
	experiment: Experiment,
	wanted: string | undefined,
	options: ReportOptions,
	io: Io,
): Promise<void> {
	const variant = chooseVariant(experiment, wanted);
	const folder = variantFolder(experiment, variant);
	requireManifest(folder, experiment.name, variant);
	writeReport([folder], options, options.files ? (options.out ?? folder) : undefined, io);
}
