import { join } from 'node:path';
import { z } from 'zod';
import { placeBelow } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { readRecordInside } from '../../files/reading.ts';
import { writeJsonInside } from '../../files/writing.ts';
import type { TaskReport } from './scheduler.ts';
import { isActive, type StoredSubmission, taskOf } from './submission.ts';

/** How tasks of a submission have ended, as the scheduler said while it remembered: `known.json`. */
export type Known = Readonly<Record<string, TaskReport>>;

const recordName = 'known.json';
const knownSchema = z.record(z.string(), z.looseObject({ state: z.string(), reason: z.string() }));

/** What has been noted; nothing where nobody has looked. */
export function readKnown(folder: string): Known {
	const place = placeBelow(join(folder, recordName));
	try {
		return (readRecordInside(...place, knownSchema, limits.record) as Known | undefined) ?? {};
	} catch {
		// Spoilt, it is no worse than if nobody had looked.
		return {};
	}
}

/** Notes what a scheduler will forget, and returns all that is known. Whoever may only read the list does without. */
export function remember(submission: StoredSubmission, reports: ReadonlyMap<string, TaskReport>): Known {
	const known = readKnown(submission.folder);
	const tasks = new Set(submission.keys.flatMap((key) => taskOf(submission, key) ?? []));
	const ended = [...tasks].flatMap((task) => {
		const report = reports.get(task);
		const isNews = report !== undefined && !isActive(report) && known[task]?.state !== report.state;
		return isNews && report.state !== 'unknown' ? [[task, report] as const] : [];
	});
	if (ended.length === 0) {
		return known;
	}
	const all = { ...known, ...Object.fromEntries(ended) };
	try {
		writeJsonInside(...placeBelow(join(submission.folder, recordName)), all);
	} catch {
		// The next look is as good, while the scheduler remembers.
	}
	return all;
}
