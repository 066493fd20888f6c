import type { Command } from 'commander';
import { exitCodes } from '../../core/errors.ts';
import { visible, visibleJson } from '../../core/visible.ts';
import { withListLock } from '../../jobs/cluster/list-lock.ts';
import { failedStandings, type JobStanding, type Standing, type Survey, survey } from '../../jobs/cluster/standing.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { readJobList } from '../../jobs/list.ts';
import { endOf } from '../../jobs/log-end.ts';
import type { Io } from '../main.ts';
import { storeFindings } from './arrays.ts';
import { schedulers } from './resources.ts';
import { resubmitStopped } from './resubmit.ts';
import { waiting } from './submit.ts';

/** `jobs status LIST`. */
export function defineStatus(program: Command, io: Io): void {
	program
		.command('status')
		.description('where the jobs of a list stand, from their files and the scheduler; rc 1 if some have failed')
		.argument('<list>', 'the job list')
		.option('--all', 'name every job, not only those that need a look')
		.option('--json', 'print JSON, one object per job')
		.option('--resubmit', 'hand jobs to the cluster again that were stopped, preempted or lost')
		.action(async (list: string, options: { all?: boolean; json?: boolean; resubmit?: boolean }) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list);
			const found = survey(jobs, folder, schedulers);
			io.stdout.write(options.json ? asJson(found) : asText(found, folder, options.all === true));
			const isBad = found.standings.some(({ standing }) => failedStandings.has(standing));
			if (options.resubmit) {
				await withListLock(folder, waiting(io), async (beat) => {
					// Somebody may have done so meanwhile.
					const now = survey(jobs, folder, schedulers);
					storeFindings(now);
					await resubmitStopped(now, folder, beat, io);
				});
			}
			io.exitCode = isBad ? exitCodes.other : exitCodes.ok;
		});
}

function asJson({ standings, strays }: Survey): string {
	const listed = standings.map(({ job, number, standing, detail, outcome, task }) => {
		const { key, name, line, command } = job;
		return { number, key, name, line, standing, detail, task, outcome, command };
	});
	const others = strays.map(({ key, task }) => ({ key, standing: 'queued', detail: notListed, task }));
	return [...listed, ...others].map((one) => `${visibleJson(one, '')}\n`).join('');
}

const notListed = 'not in the list any more';

const order: readonly Standing[] = [
	'ok',
	'running',
	'suspended',
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

function asText({ standings, strays }: Survey, folder: StateFolder, everything: boolean): string {
	const counts = order.flatMap((standing) => {
		const count = standings.filter((one) => one.standing === standing).length;
		return count === 0 ? [] : [`${count} ${standing}`];
	});
	const shown = standings.filter(
		({ standing, isBlocked, detail }) =>
			everything || isBlocked || !quiet.has(standing) || (standing === 'not run' && detail !== ''),
	);
	const rows = shown.map((one) => rowOf(one, folder));
	const others = strays.map(({ key, task }) => row(['-', 'queued', key, task, notListed]));
	const total = [...counts, ...(strays.length === 0 ? [] : [`${strays.length} ${notListed}`])];
	return `${[...rows, ...others].join('')}${standings.length === 0 ? 'no jobs' : total.join(', ')}\n`;
}

const quiet: ReadonlySet<Standing> = new Set(['ok', 'queued', 'not run']);

function rowOf({ job, number, standing, detail, outcome, task, isBlocked }: JobStanding, folder: StateFolder): string {
	const hasLog = outcome !== undefined && (failedStandings.has(standing) || stopped.has(standing));
	const tries =
		outcome !== undefined && standing !== 'ok' && (outcome.attempt > 1 || standing === 'queued')
			? `attempt ${outcome.attempt}`
			: '';
	const last =
		outcome !== undefined && (stopped.has(standing) || (standing === 'queued' && !isBlocked))
			? lastLine(folder.logFile(job.name, outcome.attempt))
			: '';
	const log = hasLog && failedStandings.has(standing) ? folder.logFile(job.name, outcome.attempt) : '';
	return row([String(number), standing, job.name, task ?? '', detail, tries, last, log]);
}

const stopped: ReadonlySet<Standing> = new Set(['again', 'preempted', 'interrupted', 'cancelled', 'lost', 'timeout']);

function row([number = '', standing = '', ...rest]: readonly string[]): string {
	const parts = [number.padStart(5), standing.padEnd(11), ...rest];
	return `${visible(parts.filter((part) => part !== '').join('  '))}\n`;
}

// A training says there how far it has come.
function lastLine(log: string): string {
	const text = endOf(log, 4096).trimEnd();
	const line = text.slice(text.lastIndexOf('\n') + 1).trim();
	return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
