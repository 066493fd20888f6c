import type { Command } from 'commander';
import { standings } from '../../jobs/cluster/standing.ts';
import { readSubmissions, storeSubmission, submissionOf } from '../../jobs/cluster/submission.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { readJobList } from '../../jobs/list.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { selectJobs } from './select.ts';
import { schedulers } from './submit.ts';

/** `jobs cancel LIST`. */
export function defineCancel(program: Command, io: Io): void {
	program
		.command('cancel')
		.description('take jobs back from the cluster, queued or running; what runs here is stopped by Ctrl-C')
		.argument('<list>', 'the job list')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.action((list: string, options: { only?: string }) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list).mustExist();
			const submissions = readSubmissions(folder.submissions);
			const active = standings(selectJobs(jobs, folder, options), folder, schedulers).filter(
				({ standing, task }) => task !== undefined && (standing === 'queued' || standing === 'running'),
			);
			for (const submission of submissions) {
				const own = active.filter(({ job }) => submissionOf(submissions, job.key) === submission);
				if (own.length > 0) {
					const cancelled = [...new Set([...submission.cancelled, ...own.map(({ job }) => job.key)])];
					storeSubmission({ ...submission, cancelled });
					schedulers[submission.scheduler]!.cancel([...new Set(own.map(({ task }) => task!))]);
				}
			}
			say(io, active.length === 0 ? 'nothing to do: nothing is queued or running there' : `cancelled ${active.length}`);
		});
}
