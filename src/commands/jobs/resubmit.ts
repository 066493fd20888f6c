import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { largest } from '../../core/extremes.ts';
import { operand } from '../../core/shell-quote.ts';
import { withListLock } from '../../jobs/cluster/list-lock.ts';
import {
	failedStandings,
	type JobStanding,
	resubmittable,
	type Survey,
	survey,
	takenStandings,
} from '../../jobs/cluster/standing.ts';
import { repeatsOf, type StoredSubmission } from '../../jobs/cluster/submission.ts';
import type { SubmitSettings } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { readJobList } from '../../jobs/list.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { storeFindings } from './arrays.ts';
import { changed, defineResources, type ResourceOptions, schedulers } from './resources.ts';
import { selectJobs } from './select.ts';
import { handOver, waiting } from './submit.ts';

interface Options extends ResourceOptions {
	readonly failed?: boolean;
	readonly only?: string;
}

/** `jobs retry LIST`. */
export function defineRetry(program: Command, io: Io): void {
	const command = program
		.command('retry')
		.description('hand jobs of a submitted list to the cluster again, each as it was submitted the last time')
		.argument('<list>', 'the job list')
		.option('--failed', 'only those that failed or took too long, not those that were stopped, cancelled or lost')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9');
	defineResources(command).action(async (list: string, options: Options) => {
		const { jobs } = readJobList(list);
		const folder = new StateFolder(list).mustExist();
		const keys = new Set(selectJobs(jobs, folder, { only: options.only }).map(({ key }) => key));
		await withListLock(folder, waiting(io), async (beat) => {
			const found = survey(jobs, folder, schedulers);
			storeFindings(found);
			const chosen = found.standings.filter(
				({ job, standing }) =>
					keys.has(job.key) && (options.failed ? failedStandings.has(standing) : !takenStandings.has(standing)),
			);
			await handOverAgain(chosen, { found, folder, beat, isRepeat: false }, options, io);
		});
	});
}

/**
 * Submits again what was stopped or lost. What comes back in that way again and again is named and left, for somebody to
 * look at: a job that is lost each time sooner than one that saves its state each time.
 */
export async function resubmitStopped(found: Survey, folder: StateFolder, beat: () => void, io: Io): Promise<void> {
	const { submissions } = found;
	const stopped = found.standings.filter(({ standing }) => resubmittable.has(standing));
	const isDue = ({ job, standing }: JobStanding): boolean =>
		repeatsOf(submissions, job.key) < (standing === 'lost' ? mostLosses : mostRepeats);
	const left = stopped.filter((one) => !isDue(one));
	if (left.length > 0) {
		const numbers = left.map(({ number }) => number).join(',');
		const times = largest(left.map(({ job }) => repeatsOf(submissions, job.key)));
		const command = doorCommand('jobs', 'retry', operand(folder.list), '--only', numbers);
		say(io, `submitted again up to ${times} times already, and left: ${numbers}; to go on: ${command}`);
	}
	await handOverAgain(stopped.filter(isDue), { found, folder, beat, isRepeat: true }, { binding: [] }, io);
}

const mostLosses = 5;
const mostRepeats = 100;

interface Again {
	readonly found: Survey;
	readonly folder: StateFolder;
	readonly beat: () => void;
	readonly isRepeat: boolean;
}

// Each with the settings of its own last submission, changed by the options.
async function handOverAgain(
	chosen: readonly JobStanding[],
	again: Again,
	options: ResourceOptions,
	io: Io,
): Promise<void> {
	if (chosen.length === 0) {
		say(io, 'nothing to do: no job needs to be submitted again');
		return;
	}
	const last = again.found.submissions.at(-1);
	if (last === undefined) {
		throw new UsageError(
			'jobs.never_submitted',
			`${again.folder.list} has never been submitted to a cluster. To repeat its failed jobs here: ${doorCommand('jobs', 'run', operand(again.folder.list), '--failed')}`,
		);
	}
	const groups = new Map<string, { readonly settings: SubmitSettings; readonly members: JobStanding[] }>();
	for (const one of chosen) {
		const settings = await changed(settingsIn(one.submission ?? last), options);
		const { scheduler, ...rest } = settings;
		const name = JSON.stringify([scheduler.name, rest]);
		const group = groups.get(name) ?? { settings, members: [] };
		group.members.push(one);
		groups.set(name, group);
	}
	for (const { settings, members } of groups.values()) {
		handOver(settings, { ...again, jobs: members.map(({ job }) => job) }, io);
	}
}

// What a job waited for before it was submitted the first time has been, or will never be.
function settingsIn(submission: StoredSubmission): SubmitSettings {
	const { profile, shell, cwd, perTask, throttle, largestArray, stale } = submission;
	const { dependency: _, ...resources } = profile;
	const scheduler = schedulers[submission.scheduler]!;
	return { scheduler, profile: resources, shell, cwd, perTask, throttle, largestArray, stale };
}
