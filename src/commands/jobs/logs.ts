import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { largest } from '../../core/extremes.ts';
import { placeBelow } from '../../files/inside.ts';
import { readAt, withFile } from '../../files/reading.ts';
import { wholeNumber } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { namesIn } from '../../jobs/history.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import type { Io } from '../main.ts';
import { printPath, say } from '../output.ts';
import { selectJobs } from './select.ts';

interface Options {
	readonly failed?: boolean;
	readonly attempt?: string;
	readonly path?: boolean;
}

/** `jobs logs LIST [JOBS]`. */
export function defineLogs(program: Command, io: Io): void {
	program
		.command('logs')
		.description('print what jobs have printed')
		.argument('<list>', 'the job list')
		.argument('[jobs]', 'numbers from 1, ranges, keys, as in 3,7-9 (default: all)')
		.option('--failed', 'only those that have failed')
		.option('--attempt <n>', 'that attempt (default: the last)')
		.option('--path', 'print the names of the files instead')
		.action((list: string, only: string | undefined, options: Options) => {
			const { jobs } = readJobList(list);
			const folder = new StateFolder(list).mustExist();
			const chosen = selectJobs(jobs, folder, { only, failed: options.failed });
			const wanted = options.attempt === undefined ? undefined : wholeNumber(options.attempt, '--attempt');
			const files = logFiles(chosen, folder, wanted);
			if (files.length === 0) {
				throw new UsageError('jobs.no_log', `There is no such log: of ${chosen.length} jobs none has run.`);
			}
			for (const { job, path } of files) {
				if (options.path) {
					printPath(io, path);
				} else {
					if (files.length > 1) {
						say(io, `==> line ${job.line}  ${path}`);
					}
					printFile(path, io);
				}
			}
		});
}

// In pieces: a log may be larger than the memory of the machine.
function printFile(path: string, { stdout }: Pick<Io, 'stdout'>): void {
	withFile(...placeBelow(path), (file, size) => {
		for (let at = 0; at < size; at += piece) {
			stdout.write(readAt(file, at, Math.min(piece, size - at)));
		}
	});
}

const piece = 2 ** 16;

function logFiles(jobs: readonly Job[], folder: StateFolder, wanted: number | undefined): { job: Job; path: string }[] {
	const attempts = new Map<string, number[]>();
	for (const name of namesIn(folder.logs)) {
		const [, job, attempt] = /^(.+)\.(\d+)\.log$/u.exec(name) ?? [];
		if (job !== undefined) {
			attempts.set(job, [...(attempts.get(job) ?? []), Number(attempt)]);
		}
	}
	return jobs.flatMap((job) => {
		const present = attempts.get(job.name) ?? [];
		const attempt = wanted ?? largest(present);
		return present.includes(attempt) ? [{ job, path: join(folder.logs, `${job.name}.${attempt}.log`) }] : [];
	});
}
