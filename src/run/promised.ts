import { existsSync, readdirSync } from 'node:fs';
import { EnvironmentError } from '../core/errors.ts';
import { nearPath } from '../core/near-path.ts';
import { readRecord } from './layouts.ts';
import { readMeta } from './meta.ts';
import { checkpointPath, runPath } from './paths.ts';
import { readStatus } from './status.ts';
import { countRows } from './table-reading.ts';

/**
 * Throws an EnvironmentError where a run has no checkpoint although its records say that there was one: it would begin
 * again over what it has written.
 */
export function requireCheckpoints(folder: string): void {
	const why = hasCheckpoints(folder) ? undefined : promise(folder);
	if (why !== undefined) {
		throw new EnvironmentError(
			'checkpoint.gone',
			`${nearPath(runPath(folder, 'checkpoints'))} holds no checkpoint, although ${why}. Nothing is changed: put them back, or use --force-new to move the run aside and begin anew.`,
		);
	}
}

/** Throws an EnvironmentError where a run that ended after some steps has no checkpoint but one of step 0. */
export function requireProgress(folder: string, step: number): void {
	if (step === 0 && hasEnded(folder) && (readStatus(folder)?.step ?? 0) > 0) {
		throw new EnvironmentError(
			'checkpoint.gone',
			`${nearPath(runPath(folder, 'checkpoints'))} holds no checkpoint but that of step 0, although the run is ${readStatus(folder)?.state}. Nothing is changed: put the others back, or use --force-new to move the run aside and begin anew.`,
		);
	}
}

/** Whether a run folder holds anything that may be a checkpoint. */
export function hasCheckpoints(folder: string): boolean {
	const path = runPath(folder, 'checkpoints');
	return existsSync(path) && readdirSync(path).some((name) => !name.startsWith('.'));
}

/** Whether the checkpoint is missing that a session saves when it ends by itself. */
export function lastIsGone(folder: string): boolean {
	return hasEnded(folder) && !existsSync(checkpointPath(folder, 'last'));
}

// Every session that ends by itself saves `last`; one that fails has saved what `model_checkpoint` does before the first
// step, and so has one that has written a row of its history.
function promise(folder: string): string | undefined {
	if (hasEnded(folder)) {
		return `the run is ${readStatus(folder)?.state}`;
	}
	if (!isChecked(folder)) {
		return undefined;
	}
	const sessions = readMeta(folder)?.sessions ?? [];
	if (sessions.some(({ resumed_from }) => resumed_from !== null)) {
		return 'the run has gone on from one';
	}
	if (sessions.some(({ end }) => end !== null)) {
		return 'a session of the run has ended';
	}
	return countRows(runPath(folder, 'history'), 1) > 0 ? 'its history has rows' : undefined;
}

function hasEnded(folder: string): boolean {
	return ['finished', 'partial', 'interrupted'].includes(readStatus(folder)?.state ?? '');
}

function isChecked(folder: string): boolean {
	const components = Object.keys(readRecord(folder, 'operative')?.components ?? {});
	return components.some((path) => /(?:^|\/)model_checkpoint$/u.test(path));
}
