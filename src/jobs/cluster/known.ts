import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../files/atomic.ts';
import type { TaskReport } from './scheduler.ts';
import { isActive, type StoredSubmission, taskOf } from './submission.ts';

/** How tasks of a submission have ended, as the scheduler said while it remembered: `known.json`. */
export type Known = Readonly<Record<string, TaskReport>>;

/** What has been noted; nothing where nobody has looked. */
export function readKnown(folder: string): Known {
	try {
		return JSON.parse(readFileSync(join(folder, 'known.json'), 'utf8')) as Known;
	} catch {
		return {};
	}
}

/** Notes what a scheduler will forget. Whoever may only read the list does without. */
export function remember(submission: StoredSubmission, reports: ReadonlyMap<string, TaskReport>): void {
	const known = readKnown(submission.folder);
	const tasks = new Set(submission.keys.flatMap((key) => taskOf(submission, key) ?? []));
	const ended = [...tasks].flatMap((task) => {
		const report = reports.get(task);
		const isNews = report !== undefined && !isActive(report) && known[task]?.state !== report.state;
		return isNews && report.state !== 'unknown' ? [[task, report] as const] : [];
	});
	if (ended.length > 0) {
		try {
			writeJsonAtomic(join(submission.folder, 'known.json'), { ...known, ...Object.fromEntries(ended) });
		} catch {
			// The next look is as good, while the scheduler remembers.
		}
	}
}
