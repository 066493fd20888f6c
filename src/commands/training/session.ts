import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../core/errors.ts';
import { removeAllLeftovers } from '../../files/atomic.ts';
import { type Chaos, unleash } from '../../files/chaos.ts';
import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { showDifference } from '../../registry/difference.ts';
import { operativeOf } from '../../registry/operative.ts';
import { createRunFolder } from '../../run/folder.ts';
import { guardWrites } from '../../run/guard-writes.ts';
import { acquireLease, leaseOwner } from '../../run/lease.ts';
import { runFiles, runPath } from '../../run/paths.ts';
import { writeCodeState } from '../../run/provenance.ts';
import { writeSources } from '../../run/sources.ts';
import { readStatus, setStatus } from '../../run/status.ts';
import type { LoopSettings } from '../../train/settings.ts';
import { build } from './build.ts';
import { codeOfRun, commitOfGimlet } from './code-places.ts';
import { dataFacts } from './facts.ts';
import { lookFirst } from './first-look.ts';
import { checkIdentity, identityChanges, identityNow } from './identity.ts';
import { clearFolder, type PlanOptions, planRun } from './plan.ts';
import { codeOf } from './plugin-sources.ts';
import { RecordedTexts } from './recorded-texts.ts';
import { describeRun, rewrite, sourcesOf } from './run-files.ts';
import type { SessionResult } from './running-session.ts';
import { startRecord } from './start-record.ts';
import { trainFolder } from './train-folder.ts';

/** Steps of writing for each step of training, under faults at counted writes. */
const faultyLockstep = 5;

export interface SessionOptions extends PlanOptions {
	/** Continue although the code has changed. */
	readonly allowCodeChange?: boolean;
	/** The command comes from the record of the run. */
	readonly fromRecord?: boolean;
	/** Take the folder from an owner that seems alive. */
	readonly steal?: boolean;
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
	const operative = operativeOf(checked.reached.nodes, checked.lookup);
	const settings = config.resolve<LoopSettings>('training_loop');
	const plan = planRun(folder, operative, settings, options);
	if (plan.action === 'complete') {
		say(`${folder}: already complete (${plan.epochs} epochs). A larger training_loop.n_epochs continues it.`);
		return { exitCode: exitCodes.ok, end: 'complete' };
	}
	if (plan.action === 'continue' && !options.steal) {
		refuseBusy(folder);
	}
	// Everything that can fail without a trace comes first. Reading the state of the code never fails, and takes its time.
	const reading = codeOfRun(config, options.fromRecord === true);
	const built = await build(config);
	const remarks = lookFirst(built, plan.action === 'start');
	const code = await reading;
	const plugins = await codeOf(config.plugins);
	const identity = identityNow(built.engine, plugins, commitOfGimlet(code));
	const allowed = plan.action === 'continue' ? [...plan.allowed] : [];
	if (plan.action === 'continue') {
		const found = identityChanges(folder, identity, dataFacts(built.names.dataset, built.parts));
		allowed.push(...checkIdentity(folder, found, options));
		for (const change of [...found.notices, ...found.code, ...found.data]) {
			say(`changed: ${change}`);
		}
	}
	remarks.forEach(say);
	const aside = clearFolder(folder, options);
	if (aside !== undefined) {
		say(`${folder}: the run that was here is now ${aside}.`);
	}
	const texts = new RecordedTexts(config, checked);
	for (const { path, variables, isLost } of texts.withheld) {
		const needs = isLost ? `-b "${path} = …"` : `the variable ${variables.join(' and ')}`;
		say(`${path} is a secret and is not recorded: repeating this run from its folder needs ${needs}.`);
	}
	const files = describeRun(config, checked, operative, built, identity);
	if (plan.action === 'start') {
		createRunFolder(folder, files);
	}
	const lease = acquireLease(folder, options.steal === undefined ? {} : { steal: options.steal });
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
				say(`changed: ${showDifference(difference)}`);
			}
			rewrite(folder, files);
		}
		if (plan.action === 'start' || allowed.length > 0 || !existsSync(runPath(folder, 'git'))) {
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

function refuseBusy(folder: string): void {
	const owner = leaseOwner(folder);
	if (owner?.alive) {
		// Asking for it gives the refusal its words.
		acquireLease(folder).release();
	}
}
