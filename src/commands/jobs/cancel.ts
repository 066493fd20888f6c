import type { Command } from 'commander';
import { EnvironmentError, UsageError } from '../../core/errors.ts';
import { makeFolderInside } from '../../files/inside.ts';
import { writeInside } from '../../files/writing.ts';
import { withListLock } from '../../jobs/cluster/list-lock.ts';
import { type ActiveTask, type Standing, type Survey, survey } from '../../jobs/cluster/standing.ts';
import { type StoredSubmission, siblingsOf, storeSubmission } from '../../jobs/cluster/submission.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { storeFindings } from './arrays.ts';
import { schedulers } from './resources.ts';
import { selectJobs } from './select.ts';
import { waiting } from './submit.ts';

/** `jobs cancel LIST`. */
export function defineCancel(program: Command, io: Io): void {
	program
		.command('cancel')
		.description('take jobs back from the cluster, queued or running; what runs here is stopped by Ctrl-C')
		.argument('<list>', 'the job list')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.action(async (list: string, options: { only?: string }) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list).mustExist();
			await withListLock(folder, waiting(io), () => {
				const found = survey(jobs, folder, schedulers);
				storeFindings(found);
				const claims = claimsOf(found, jobs, folder, options.only);
				if (claims.length === 0) {
					say(io, 'nothing to do: nothing is queued or running there');
				} else {
					cancel(claims, found, () => survey(jobs, folder, schedulers), io);
				}
				const unsure = found.standings.filter(
					({ task, submission, standing }) => submission !== undefined && task === undefined && standing === 'queued',
				);
				if (unsure.length > 0) {
					throw new EnvironmentError(
						'jobs.unclear',
						`Of ${unsure.length} jobs the scheduler has not said yet whether it took them. Ask again in some minutes.`,
					);
				}
			});
		});
}

/** A job that is to be taken back from a task. */
interface Claim extends ActiveTask {
	readonly key: string;
}

// Without a selection also what has gone from the list.
function claimsOf(found: Survey, jobs: readonly Job[], folder: StateFolder, only: string | undefined): Claim[] {
	const strays = found.strays.filter(({ key }) => only === undefined || namesKey(only, key));
	const rest = only?.split(',').filter((part) => !strays.some(({ key }) => namesKey(part, key)));
	const chosen = rest?.length === 0 ? [] : selectJobs(jobs, folder, { only: rest?.join(',') });
	const keys = new Set(chosen.map(({ key }) => key));
	const own = found.standings.flatMap(({ job: { key }, active, standing }) =>
		keys.has(key) && atWork.has(standing) ? active.map((task) => ({ key, ...task })) : [],
	);
	if (only !== undefined && own.length + strays.length === 0 && chosen.length === 0) {
		throw new UsageError('jobs.no_such_job', `There is no job "${only}".`);
	}
	return [...own, ...strays];
}

const atWork: ReadonlySet<Standing> = new Set(['queued', 'running', 'suspended']);

function namesKey(only: string, key: string): boolean {
	return only.split(',').some((part) => part.length >= 4 && key.startsWith(part));
}

function cancel(claims: readonly Claim[], found: Survey, look: () => Survey, io: Io): void {
	const whole = claims.filter((claim) => isWhole(claim, claims, found));
	const complaints = Object.entries(schedulers).map(([name, scheduler]) => {
		const tasks = whole.filter(({ submission }) => submission.scheduler === name).map(({ task }) => task);
		return tasks.length === 0 ? '' : scheduler.cancel([...new Set(tasks)]);
	});
	// The others of its task go on; this one is left out, or ended if it is its turn.
	const parts = claims.filter((claim) => !whole.includes(claim));
	for (const { key, submission } of parts) {
		makeFolderInside(submission.folder, 'cancelled');
		writeInside(submission.folder, `cancelled/${key}`, '');
	}
	const after = look();
	const left = whole.filter((claim) => isStill(after, claim));
	const done = new Set(after.standings.flatMap(({ job, standing }) => (standing === 'ok' ? [job.key] : [])));
	const gone = claims.filter((claim) => !left.includes(claim) && !done.has(claim.key));
	record(gone);
	const others = parts.length === 0 ? '' : `, ${parts.length} of them in tasks that go on with their other lines`;
	say(io, `cancelled ${new Set(gone.map(({ key }) => key)).size}${others}`);
	if (left.length > 0) {
		const said = complaints.filter((text) => text !== '').join(' ');
		throw new EnvironmentError('jobs.cancel', `${left.length} are still there${said === '' ? '' : `: ${said}`}.`);
	}
}

function isWhole({ key, submission, task }: Claim, claims: readonly Claim[], { standings }: Survey): boolean {
	const claimed = new Set(claims.filter((claim) => claim.task === task).map((claim) => claim.key));
	const working = new Set(standings.flatMap(({ job, standing }) => (atWork.has(standing) ? [job.key] : [])));
	return siblingsOf(submission, key).every((sibling) => claimed.has(sibling) || !working.has(sibling));
}

// After looking: what is only ending is gone.
function isStill({ standings, strays }: Survey, { key, task }: Claim): boolean {
	return [...standings.flatMap(({ job, active }) => active.map((one) => ({ ...one, key: job.key }))), ...strays].some(
		(one) => one.key === key && one.task === task && !one.isEnding,
	);
}

function record(gone: readonly Claim[]): void {
	const byFolder = new Map<string, StoredSubmission>();
	for (const { submission, key } of gone) {
		const before = byFolder.get(submission.folder) ?? submission;
		byFolder.set(submission.folder, { ...before, cancelled: [...new Set([...before.cancelled, key])] });
	}
	byFolder.forEach(storeSubmission);
}
