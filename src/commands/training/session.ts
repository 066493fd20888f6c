import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, RefusedError } from '../../core/errors.ts';
import { nearPath } from '../../core/near-path.ts';
import { removeAllLeftovers } from '../../files/atomic.ts';
import { type Chaos, unleash } from '../../files/chaos.ts';
import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { showDifference } from '../../registry/difference.ts';
import { createRunFolder, replaceRunFolder } from '../../run/folder.ts';
import { guardWrites } from '../../run/guard-writes.ts';
import { acquireLease, type LeaseOptions } from '../../run/lease.ts';
import { runFiles, runPath } from '../../run/paths.ts';
import { writeCodeState } from '../../run/provenance.ts';
import { writeSources } from '../../run/sources.ts';
import { readStatus, setStatus } from '../../run/status.ts';
import { isUntrained } from '../../run/untrained.ts';
import { build } from './build.ts';
import { completeText, type DecisionOptions, decide, refuseBusy, replacedText } from './decision.ts';
import { clearFolder, sides } from './plan.ts';
import { RecordedTexts } from './recorded-texts.ts';
import { describeRun, rewrite, sourcesOf } from './run-files.ts';
import type { SessionResult } from './running-session.ts';
import { startRecord } from './start-record.ts';
import { trainFolder } from './train-folder.ts';

/** Steps of writing for each step of training, under faults at counted writes. */
const faultyLockstep = 5;

export interface SessionOptions extends DecisionOptions {
	/** Interrupts the run at this step, as a signal would. */
	readonly lastStep?: number;
	/** Faults to cause on purpose. */
	readonly chaos?: readonly Chaos[];
}

type Say = (text: string) => void;

/** Trains a checked config into a folder, or continues what is there, or says that it is complete. */
export async function runSession(
	folder: string,
	config: Configuration,
	checked: Checked,
	options: SessionOptions,
	say: Say,
): Promise<SessionResult> {
	const chaos = unleash(options.chaos ?? []);
	try {
		return await openSession(folder, config, checked, options, say, chaos.afterStep);
	} finally {
		chaos.stop();
	}
}

async function openSession(
	folder: string,
	config: Configuration,
	checked: Checked,
	options: SessionOptions,
	say: Say,
	afterStep: (step: number) => void,
): Promise<SessionResult> {
	const decision = await decide(folder, config, checked, options);
	if (decision.action === 'complete') {
		say(completeText(folder, decision.epochs));
		return { exitCode: exitCodes.ok, end: 'complete' };
	}
	const { plan, operative, built, identity, code, plugins, allowed } = decision;
	[...checked.notices, ...decision.notices].forEach(say);
	const leaseOptions = options.steal === undefined ? {} : { steal: options.steal };
	const aside = clearFolder(folder, options);
	if (aside !== undefined) {
		say(`${nearPath(folder)}: the run that was here is now ${nearPath(aside)}.`);
	}
	const texts = new RecordedTexts(config, checked);
	for (const { path, variables, isLost } of texts.withheld) {
		const needs = isLost ? `-b "${path} = …"` : `the variable ${variables.join(' and ')}`;
		say(`${path} is a secret and is not recorded: repeating this run from its folder needs ${needs}.`);
	}
	const files = describeRun(config, checked, operative, built, identity);
	if (plan.action === 'replace') {
		replaceUntrained(folder, files, leaseOptions);
		say(replacedText(folder));
	} else if (plan.action === 'start') {
		createUnlessTaken(folder, files);
	}
	const lease = acquireLease(folder, leaseOptions);
	const unguard = guardWrites(folder, lease);
	try {
		if (lease.notice !== undefined) {
			say(lease.notice);
		}
		// Scopes are runs of their own.
		removeAllLeftovers(folder, [runFiles.scopes]);
		// Before the recorded config changes: a crash in between must not make a continued run look complete.
		const { epoch = 0, step = 0 } = readStatus(folder) ?? {};
		setStatus(folder, { state: 'running', reason: '', epoch, step });
		if (plan.action === 'continue') {
			for (const difference of plan.changed) {
				say(`changed: ${showDifference(difference, sides)}`);
			}
			rewrite(folder, files);
		}
		if (plan.action !== 'continue' || allowed.length > 0 || !existsSync(runPath(folder, 'git'))) {
			writeCodeState(
				folder,
				code.map(({ state, patch }) => ({ state, patch: texts.patch(patch) })),
			);
		}
		if (allowed.length > 0 || !existsSync(join(runPath(folder, 'configs'), 'manifest.json'))) {
			writeSources(folder, sourcesOf(texts, plugins), process.cwd());
		}
		const { lastStep, chaos = [] } = options;
		const lockstep = chaos.some(({ at }) => at === 'write') ? faultyLockstep : undefined;
		return await trainFolder(
			folder,
			built,
			() => build(config),
			lease,
			{ lastStep, afterStep, start: startRecord(config, code, texts), allowed, lockstep },
			say,
		);
	} finally {
		unguard();
		lease.release();
	}
}

function replaceUntrained(folder: string, files: Readonly<Record<string, string>>, options: LeaseOptions): void {
	const lease = acquireLease(folder, options);
	if (!isUntrained(folder)) {
		lease.release();
		throw new RefusedError('run.in_use', `${nearPath(folder)} is in use: another process has trained there meanwhile.`);
	}
	// The lease goes with the folder.
	replaceRunFolder(folder, files);
}

// Where several start at once, those that come too late meet a run that has only just appeared.
function createUnlessTaken(folder: string, files: Readonly<Record<string, string>>): void {
	try {
		createRunFolder(folder, files);
	} catch (error) {
		if (error instanceof RefusedError && error.code === 'run.exists') {
			refuseBusy(folder);
			throw new RefusedError(
				'run.in_use',
				`${nearPath(folder)} is in use: another process has just started a run there.`,
			);
		}
		throw error;
	}
}
