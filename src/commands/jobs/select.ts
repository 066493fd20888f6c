import { UsageError } from '../../core/errors.ts';
import type { StateFolder } from '../../jobs/folder.ts';
import { namesIn } from '../../jobs/history.ts';
import type { Job } from '../../jobs/list.ts';
import { type Outcome, readEnded } from '../../jobs/outcome.ts';

/** Which jobs of a list are meant. */
export interface Selection {
	/** Numbers of jobs in the list from 1, ranges of them, keys or beginnings of keys: `3,7-9,5f0c`. */
	readonly only?: string | undefined;
	/** Only those whose last attempt did not end well. */
	readonly failed?: boolean | undefined;
}

/** The jobs that a selection means, in the order of the list. Throws `UsageError` for what is not in it. */
export function selectJobs(jobs: readonly Job[], folder: StateFolder, { only, failed }: Selection): Job[] {
	const chosen = only === undefined ? undefined : new Set(only.split(',').flatMap((part) => pick(jobs, part.trim())));
	const ended = failed ? lastOutcomes(jobs, folder) : undefined;
	return jobs.filter((job) => {
		const state = ended?.get(job.key)?.state;
		return (chosen?.has(job) ?? true) && (!failed || (state !== undefined && state !== 'ok'));
	});
}

/** How each job that has ended did so. */
export function lastOutcomes(jobs: readonly Job[], folder: StateFolder): Map<string, Outcome> {
	const present = new Set(namesIn(folder.ended));
	const outcomes = new Map<string, Outcome>();
	for (const { key } of jobs) {
		const outcome = present.has(`${key}.json`) ? readEnded(folder.ended, key) : undefined;
		if (outcome !== undefined) {
			outcomes.set(key, outcome);
		}
	}
	return outcomes;
}

function pick(jobs: readonly Job[], part: string): Job[] {
	const range = /^(\d{1,6})(?:-(\d{1,6}))?$/u.exec(part);
	const byKey = part.length < 4 ? [] : jobs.filter((job) => job.key.startsWith(part) || job.name === part);
	if (byKey.length > 0) {
		return byKey;
	}
	const first = Number(range?.[1]);
	const last = Number(range?.[2] ?? range?.[1]);
	if (range === null || first < 1 || last > jobs.length || first > last) {
		throw new UsageError(
			'jobs.no_such_job',
			`There is no job "${part}": allowed are numbers from 1 to ${jobs.length}, ranges such as 3-7, and keys.`,
		);
	}
	return jobs.slice(first - 1, last);
}
