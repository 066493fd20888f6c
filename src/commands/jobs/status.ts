import type { Command } from 'commander';
import { exitCodes } from '../../core/errors.ts';
import { visible, visibleJson } from '../../core/visible.ts';
import {
	failedStandings,
	type JobStanding,
	resubmittable,
	type Standing,
	standings,
} from '../../jobs/cluster/standing.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { readJobList } from '../../jobs/list.ts';
import type { Io } from '../main.ts';
import { resubmitStopped } from './resubmit.ts';
import { schedulers } from './submit.ts';

/** `jobs status LIST`. */
export function defineStatus(program: Command, io: Io): void {
	program
		.command('status')
		.description('where the jobs of a list stand, from their files and the scheduler; rc 1 if some have failed')
		.argument('<list>', 'the job list')
		.option('--all', 'name every job, not only those that need a look')
		.option('--json', 'print JSON, one object per job')
		.option('--resubmit', 'hand jobs to the cluster again that were stopped, preempted or lost')
		.action((list: string, options: { all?: boolean; json?: boolean; resubmit?: boolean }) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list);
			const all = standings(jobs, folder, schedulers);
			io.stdout.write(options.json ? asJson(all) : asText(all, folder, options.all === true));
			if (options.resubmit) {
				resubmitStopped(
					all.filter(({ standing }) => resubmittable.has(standing)),
					folder,
					io,
				);
			}
			io.exitCode = all.some(({ standing }) => failedStandings.has(standing)) ? exitCodes.other : exitCodes.ok;
		});
}

function asJson(all: readonly JobStanding[]): string {
	return all
		.map(({ job, number, standing, detail, outcome, task }) => {
			const { key, name, line, command } = job;
			return `${visibleJson({ number, key, name, line, standing, detail, task, outcome, command }, '')}\n`;
		})
		.join('');
}

const order: readonly Standing[] = [
	'ok',
	'running',
	'queued',
	'not run',
	'again',
	'preempted',
	'interrupted',
	'lost',
	'cancelled',
	'timeout',
	'failed',
];

function asText(all: readonly JobStanding[], folder: StateFolder, everything: boolean): string {
	const counts = order.flatMap((standing) => {
		const count = all.filter((one) => one.standing === standing).length;
		return count === 0 ? [] : [`${count} ${standing}`];
	});
	const quiet = new Set<Standing>(['ok', 'queued', 'not run']);
	const shown = all.filter(({ standing }) => everything || !quiet.has(standing));
	const rows = shown.map(({ job, number, standing, detail, outcome, task }) => {
		const log = failedStandings.has(standing) && outcome !== undefined ? folder.logFile(job.name, outcome.attempt) : '';
		const parts = [String(number).padStart(5), standing.padEnd(11), job.name, task ?? '', detail, log];
		return `${visible(parts.filter((part) => part !== '').join('  '))}\n`;
	});
	return `${rows.join('')}${all.length === 0 ? 'no jobs' : counts.join(', ')}\n`;
}
