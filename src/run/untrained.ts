import { existsSync, readdirSync } from 'node:fs';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import { type RunFile, runFiles, runPath } from './paths.ts';
import { readStatus } from './status.ts';

// What a new run does not write again before its first step.
const results: readonly RunFile[] = ['finished', 'evaluations', 'predictions', 'media', 'summary', 'report', 'scopes'];
const expected = new Set<string>(
	(Object.keys(runFiles) as RunFile[]).filter((file) => !results.includes(file)).map((file) => runFiles[file]),
);

/** Whether a run folder records no step and holds nothing that a new run would not write again. */
export function isUntrained(folder: string): boolean {
	const status = readStatus(folder);
	if (status === undefined || status.state === 'finished' || status.epoch > 0 || status.step > 0) {
		return false;
	}
	try {
		return (
			readdirSync(folder).every(isExpected) &&
			!hasRows(folder, 'history') &&
			!hasRows(folder, 'steps') &&
			!hasBeatenAtStep(folder) &&
			!hasCheckpointOfStep(folder)
		);
	} catch {
		// What cannot be looked at is left alone.
		return false;
	}
}

function isExpected(name: string): boolean {
	return expected.has(name) || name.startsWith(`${runFiles.lock}.`) || /^\..*\.tmp$/u.test(name);
}

function hasRows(folder: string, table: 'history' | 'steps'): boolean {
	const [, ...rows] = (readTextInside(folder, runFiles[table], limits.note) ?? '').trimEnd().split('\n');
	return rows.length > 0;
}

function hasBeatenAtStep(folder: string): boolean {
	const beat = readTextInside(folder, runFiles.heartbeat, limits.note);
	return beat !== undefined && (JSON.parse(beat) as { readonly step: unknown }).step !== 0;
}

function hasCheckpointOfStep(folder: string): boolean {
	const path = runPath(folder, 'checkpoints');
	const names = existsSync(path) ? readdirSync(path) : [];
	return names.some((name) => /^step-/u.test(name) && !/^step-0+(?:-|$)/u.test(name));
}
