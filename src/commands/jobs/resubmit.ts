import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { largest } from '../../core/extremes.ts';
import { operand } from '../../core/shell-quote.ts';
import { failedStandings, type JobStanding, standings } from '../../jobs/cluster/standing.ts';
import { readSubmissions, repeatsOf } from '../../jobs/cluster/submission.ts';
import { submit } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { readJobList } from '../../jobs/list.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { selectJobs } from './select.ts';
import { schedulers, tell } from './submit.ts';

/** `jobs retry LIST`. */
export function defineRetry(program: Command, io: Io): void {
	program
		.command('retry')
		.description('hand jobs of a submitted list to the cluster again, as they were submitted the last time')
		.argument('<list>', 'the job list')
		.option('--failed', 'only those that failed or took too long, not those that were stopped, cancelled or lost')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.action((list: string, { failed, only }: { failed?: boolean; only?: string }) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list).mustExist();
			const chosen = standings(selectJobs(jobs, folder, { only }), folder, schedulers);
			const taken = new Set(['ok', 'running', 'queued']);
			resubmit(
				chosen.filter(({ standing }) => (failed ? failedStandings.has(standing) : !taken.has(standing))),
				folder,
				io,
			);
		});
}

/**
 * Submits again what was stopped or lost. What comes back in that way again and again is named and left, for somebody to
 * look at: a job that is lost each time sooner than one that saves its state each time.
 */
export function resubmitStopped(stopped: readonly JobStanding[], folder: StateFolder, io: Io): void {
	const submissions = readSubmissions(folder.submissions);
	const isDue = ({ job, standing }: JobStanding): boolean =>
		repeatsOf(submissions, job.key) < (standing === 'lost' ? mostLosses : mostRepeats);
	const left = stopped.filter((one) => !isDue(one));
	if (left.length > 0) {
		const numbers = left.map(({ number }) => number).join(',');
		const times = largest(left.map(({ job }) => repeatsOf(submissions, job.key)));
		const command = doorCommand('jobs', 'retry', operand(folder.list), '--only', numbers);
		say(io, `submitted again up to ${times} times already, and left: ${numbers}; to go on: ${command}`);
	}
	resubmit(stopped.filter(isDue), folder, io, true);
}

const mostLosses = 5;
const mostRepeats = 100;

/** Submits jobs once more with the settings of the last submission. `isRepeat`: nobody named them. */
export function resubmit(chosen: readonly JobStanding[], folder: StateFolder, io: Io, isRepeat = false): void {
	if (chosen.length === 0) {
		say(io, 'nothing to do: no job needs to be submitted again');
		return;
	}
	const last = readSubmissions(folder.submissions).at(-1);
	if (last === undefined) {
		throw new UsageError(
			'jobs.never_submitted',
			`${folder.list} has never been submitted to a cluster. To repeat its failed jobs here: ${doorCommand('jobs', 'run', operand(folder.list), '--failed')}`,
		);
	}
	const { profile, shell, cwd, perTask, throttle, largestArray, stale } = last;
	const jobs = chosen.map(({ job }) => job);
	const scheduler = schedulers[last.scheduler]!;
	const settings = { scheduler, profile, shell, cwd, perTask, throttle, stale, largestArray, requeues: 100 };
	tell(submit({ ...settings, jobs, folder, isRepeat }), folder.list, io);
}
