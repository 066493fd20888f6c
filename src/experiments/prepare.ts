import { join } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { makeFolder } from '../files/atomic.ts';
import { makeFolderInside, namesInside } from '../files/inside.ts';
import { removeInside, replaceInside } from '../files/writing.ts';
import { diffConfigs, showDifference } from '../registry/difference.ts';
import type { Operative } from '../registry/operative.ts';
import { type Manifest, manifestName, readManifest } from '../results/manifest.ts';
import { loadC } from '../results/run-config.ts';
import { stateNow } from '../results/run-results.ts';
import { isDone } from '../run/status.ts';
import { isOfTheMachine } from './identity.ts';

/** One job, checked. */
export interface PlannedJob {
	readonly id: string;
	/** Equal for equal points. */
	readonly key: string;
	readonly operative: Operative;
	/** The complete config. */
	readonly config: string;
}

/** What is to be in a variant's folder. */
export interface Plan {
	/** `$RESULTS_DIR/<experiment>/<variant>` */
	readonly folder: string;
	readonly manifest: Manifest;
	readonly jobs: readonly PlannedJob[];
	readonly script: string;
}

/** What `prepare` did. */
export interface Prepared {
	readonly jobs: number;
	readonly finished: number;
	readonly written: readonly string[];
	readonly removed: readonly string[];
}

/** Names inside a variant's folder. */
export const variantFiles = { configs: 'configs', script: 'batch.sh', runs: 'runs' } as const;

/**
 * Writes `configs/`, `manifest.json` and `batch.sh`; what is right already is not touched, and configs of former jobs
 * are removed. Throws a RefusedError, before anything is written, where a finished or running run would no longer be
 * that of its job.
 */
export function prepareVariant(plan: Plan, keyOf: (point: Readonly<Record<string, unknown>>) => string): Prepared {
	refuseChanges(plan, keyOf);
	makeFolder(plan.folder);
	makeFolderInside(plan.folder, variantFiles.configs);
	const wanted = new Map(plan.jobs.map(({ id, config }) => [`${id}.gin`, config]));
	const removed = namesInside(plan.folder, variantFiles.configs).filter(
		(name) => name.endsWith('.gin') && !wanted.has(name),
	);
	for (const name of removed) {
		removeInside(plan.folder, `${variantFiles.configs}/${name}`);
	}
	const files: Array<readonly [string, string, number]> = [
		...[...wanted].map(([name, text]) => [`${variantFiles.configs}/${name}`, text, 0o666] as const),
		[manifestName, `${JSON.stringify(plan.manifest, undefined, '\t')}\n`, 0o666],
		[variantFiles.script, plan.script, 0o777],
	];
	const written = files.filter(([name, text, mode]) => replaceInside(plan.folder, name, text, mode));
	const finished = plan.manifest.jobs.filter(({ run }) => isDone(stateNow(join(plan.folder, run)))).length;
	return { jobs: plan.jobs.length, finished, written: written.map(([name]) => join(plan.folder, name)), removed };
}

// A job is known by its point: if its id changes, what the run was trained with is no longer what the experiment says.
function refuseChanges(plan: Plan, keyOf: (point: Readonly<Record<string, unknown>>) => string): void {
	const byKey = new Map(plan.jobs.map((job) => [job.key, job]));
	const before = readManifest(plan.folder);
	const changes: string[][] = [];
	for (const job of before?.jobs ?? []) {
		const now = byKey.get(keyOf(job.point));
		const run = join(plan.folder, job.run);
		if (now !== undefined && now.id !== job.id && isPrecious(run)) {
			changes.push(changesOf(run, now.operative));
		}
	}
	for (const job of plan.manifest.jobs) {
		const run = join(plan.folder, job.run);
		if (isPrecious(run)) {
			changes.push(changesOf(run, plan.jobs.find(({ id }) => id === job.id)!.operative));
		}
	}
	if (changes.flat().length > 0) {
		throw new RefusedError('experiment.changed', [
			'Refused: the config of runs that are finished or running would change.',
			...changes.flat().map((line) => `  ${line}`),
			'Undo the change, make it a variant of its own, or remove the runs first (bin/runs.ts rm).',
		]);
	}
}

function isPrecious(run: string): boolean {
	const state = stateNow(run);
	return state === 'running' || isDone(state);
}

function changesOf(run: string, now: Operative): string[] {
	const { operative, problem } = loadC(run);
	if (operative === undefined) {
		return [`${run}: its config cannot be compared: ${problem}`];
	}
	return diffConfigs(operative, now)
		.filter(({ component, parameter }) => !isOfTheMachine(component, parameter ?? ''))
		.map((difference) => `${run}: ${showDifference(difference)}`);
}
