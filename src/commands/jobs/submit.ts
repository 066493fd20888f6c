import type { Command } from 'commander';
import { operand } from '../../core/shell-quote.ts';
import { withListLock } from '../../jobs/cluster/list-lock.ts';
import { type Survey, survey, takenStandings } from '../../jobs/cluster/standing.ts';
import type { StoredSubmission } from '../../jobs/cluster/submission.ts';
import { preview, type SubmitSettings, submit } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { activeArrays, storeFindings } from './arrays.ts';
import { defineResources, type ResourceOptions, schedulers, settingsOf } from './resources.ts';
import { selectJobs } from './select.ts';

interface Options extends ResourceOptions {
	readonly only?: string;
	readonly dryRun?: boolean;
}

/** `jobs submit LIST`. */
export function defineSubmit(program: Command, io: Io): void {
	const command = program
		.command('submit')
		.description('hand the jobs of a list to a cluster as a task array, and return at once')
		.argument('<list>', 'a shell file with one command per line, such as batch.sh');
	defineResources(command)
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.option('--dry-run', 'print the script, write and submit nothing')
		.action(async (list: string, options: Options) => {
			const { jobs, shell } = readJobList(list);
			const folder = new StateFolder(list);
			// Mistakes are told whether there is something to do or not.
			const settings = await settingsOf(options, shell);
			const selected = selectJobs(jobs, folder, options);
			if (options.dryRun) {
				const chosen = open(selected, survey(jobs, folder, schedulers));
				if (chosen.length === 0) {
					say(io, nothing(list));
				} else {
					io.stdout.write(preview({ ...settings, jobs: chosen, folder }));
				}
				return;
			}
			await withListLock(folder, waiting(io), (beat) => {
				const found = survey(jobs, folder, schedulers);
				storeFindings(found);
				const chosen = open(selected, found);
				if (chosen.length === 0) {
					say(io, nothing(list));
				} else {
					handOver(settings, { jobs: chosen, found, folder, beat, isRepeat: false }, io);
				}
				if (found.strays.length > 0) {
					const command = doorCommand('jobs', 'status', operand(list));
					say(io, `${found.strays.length} queued or running there are not in the list any more: ${command}`);
				}
			});
		});
}

/** What is handed over, and where from. */
export interface Parcel {
	readonly jobs: readonly Job[];
	readonly found: Survey;
	readonly folder: StateFolder;
	readonly beat: () => void;
	readonly isRepeat: boolean;
}

/** Hands jobs over and says what has been submitted: the ids to the next program, the rest to a person. */
export function handOver(settings: SubmitSettings, { found, ...parcel }: Parcel, io: Io): void {
	const before = settings.throttle === undefined ? [] : activeArrays(found);
	const submission = submit({ ...settings, ...parcel, before });
	if (before.length > 0) {
		say(io, `begins when ${before.join(', ')} has ended: --max-running counts over all arrays of a list`);
	}
	tell(submission, parcel.folder.list, io);
}

function tell({ arrays, keys, folder }: StoredSubmission, list: string, io: Io): void {
	io.stdout.write(arrays.map(({ id }) => `${id}\n`).join(''));
	const tasks = arrays.reduce((sum, array) => sum + array.tasks, 0);
	const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
	const what = `${count(keys.length, 'job')} in ${count(tasks, 'task')} (${count(arrays.length, 'array')})`;
	say(io, `submitted ${what}, script in ${folder}`);
	say(io, `see how they do: ${doorCommand('jobs', 'status', operand(list))}`);
}

/** Says who holds the list. */
export function waiting(io: Io): (holder: string) => void {
	return (holder) => say(io, `waiting for ${holder}, who is submitting or cancelling jobs of this list`);
}

function nothing(list: string): string {
	return `nothing to do: every job in ${list} is finished, running or queued`;
}

// Neither finished nor in anybody's hands.
function open(selected: readonly Job[], { standings }: Survey): Job[] {
	const keys = new Set(selected.map(({ key }) => key));
	return standings.flatMap(({ job, standing }) => (keys.has(job.key) && !takenStandings.has(standing) ? [job] : []));
}
