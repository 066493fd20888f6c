import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { chooseVariant, type Experiment } from '../../experiments/experiment.ts';
import { loadH } from '../../results/history.ts';
import { type Manifest, readManifest } from '../../results/manifest.ts';
import { reachedBy } from '../../results/reached.ts';
import { stateNow } from '../../results/run-results.ts';
import { textTable } from '../../results/text-table.ts';
import { isDone, readStatus } from '../../run/status.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { printJson, say } from '../output.ts';
import { variantFolder } from './plan.ts';

/** Prints the state of every job of a variant, `missing` where it has not begun. */
export async function showStatus(
	experiment: Experiment,
	wanted: string | undefined,
	isJson: boolean,
	io: Io,
): Promise<void> {
	const variant = chooseVariant(experiment, wanted);
	const folder = variantFolder(experiment, variant);
	const manifest = requireManifest(folder, experiment.name, variant);
	const jobs = manifest.jobs.map((job) => {
		const run = join(folder, job.run);
		const status = readStatus(run);
		const state = stateNow(run);
		const { epoch } = reachedBy(run, status, loadH(run));
		return {
			id: job.id,
			...job.texts,
			state: state === 'unknown' && status === undefined ? 'missing' : state,
			epoch,
			reason: status?.reason ?? '',
			run,
		};
	});
	if (isJson) {
		printJson(io, jobs);
		return;
	}
	const hasReasons = jobs.some(({ reason }) => reason !== '');
	const columns = ['id', ...manifest.axes, 'state', 'epoch', ...(hasReasons ? ['reason'] : [])];
	io.stdout.write(
		textTable(
			columns,
			jobs.map((job) => columns.map((name) => String((job as Record<string, unknown>)[name] ?? ''))),
		),
	);
	const finished = jobs.filter(({ state }) => isDone(state)).length;
	const limited = jobs.filter(({ state }) => state === 'partial').length;
	say(io, `${finished} of ${jobs.length} finished${limited === 0 ? '' : `, ${limited} of them by a limit`}`);
}

/** The manifest of a variant; a UsageError that says what to do where it is not prepared. */
export function requireManifest(folder: string, name: string, variant: string): Manifest {
	const manifest = readManifest(folder);
	if (manifest === undefined) {
		throw new UsageError(
			'experiment.not_prepared',
			`${folder} is not prepared. Run: ${doorCommand('experiment', name, 'prepare', variant)}`,
		);
	}
	return manifest;
}
