import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeLeftovers, writeFileAtomic, writeJsonAtomic } from '../../core/atomic.ts';
import { type Chaos, unleash } from '../../core/chaos.ts';
import { DivergedError, type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Checked } from '../../registry/check.ts';
import { completeConfig } from '../../registry/complete-config.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { showDifference } from '../../registry/difference.ts';
import { type Operative, operativeOf } from '../../registry/operative.ts';
import { type Capture, capture } from '../../run/capture.ts';
import { writeCommandScript } from '../../run/command-script.ts';
import { createRunFolder } from '../../run/folder.ts';
import { guardWrites } from '../../run/guard-writes.ts';
import { isoTime } from '../../run/iso-time.ts';
import { acquireLease, type Lease, leaseOwner } from '../../run/lease.ts';
import { readMeta } from '../../run/meta.ts';
import { runPath } from '../../run/paths.ts';
import { codeState, writeCodeState } from '../../run/provenance.ts';
import { writeSources } from '../../run/sources.ts';
import { readStatus, setStatus } from '../../run/status.ts';
import type { EndReason } from '../../train/contracts/callback.ts';
import { Loop, type LoopLimits } from '../../train/loop.ts';
import { RollbackError } from '../../train/nan-policy.ts';
import type { LoopSettings } from '../../train/settings.ts';
import { summaryTable } from '../summary.ts';
import { projectRoot } from '../training-config.ts';
import { type Built, build, limitsOf } from './build.ts';
import { Checkpoints } from './checkpoints.ts';
import { dataFacts, metaFacts, modelFacts } from './facts.ts';
import { checkIdentity, type Identity, identityChanges, identityNow } from './identity.ts';
import { writeIncident } from './incident.ts';
import { Interruption, type InterruptionOptions } from './interruption.ts';
import { evaluateCheckpoint, jsonNumbers, writeEvaluation, writeSummary } from './outcome.ts';
import { clearFolder, type PlanOptions, planRun } from './plan.ts';

export interface SessionOptions extends PlanOptions {
	/** Take the folder from an owner that seems alive. */
	readonly steal?: boolean;
	/** Interrupts the run at this step, as a signal would. */
	readonly lastStep?: number;
	/** Faults to cause on purpose. */
	readonly chaos?: readonly Chaos[];
}

export interface SessionResult {
	readonly exitCode: ExitCode;
	readonly end: EndReason | 'complete';
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
	// Everything that can fail without a trace comes first.
	const built = await build(config);
	const code = await codeState(projectRoot);
	const identity = identityNow(built.engine, config.plugins, code.state.commit);
	const allowed = plan.action === 'continue' ? [...plan.allowed] : [];
	if (plan.action === 'continue') {
		const found = identityChanges(folder, identity, dataFacts(built.names.dataset, built.parts));
		allowed.push(...checkIdentity(folder, found, options.allowConfigChange === true));
		for (const change of [...found.notices, ...found.refused]) {
			say(`changed: ${change}`);
		}
	}
	const aside = clearFolder(folder, options);
	if (aside !== undefined) {
		say(`${folder}: the run that was here is now ${aside}.`);
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
		for (const place of [
			folder,
			...(['evaluations', 'configs', 'diagnostics'] as const).map((one) => runPath(folder, one)),
		]) {
			if (existsSync(place)) {
				removeLeftovers(place);
			}
		}
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
			writeCodeState(folder, code);
		}
		if (!existsSync(join(runPath(folder, 'configs'), 'manifest.json'))) {
			writeSources(folder, sourcesOf(config), process.cwd());
		}
		return await train(
			folder,
			built,
			() => build(config),
			lease,
			{ lastStep: options.lastStep, afterStep, allowed },
			say,
		);
	} finally {
		unguard();
		lease.release();
	}
}

async function train(
	folder: string,
	built: Built,
	rebuild: () => Promise<Built>,
	lease: Lease,
	{ allowed, ...ending }: Pick<InterruptionOptions, 'lastStep' | 'afterStep'> & { readonly allowed: readonly string[] },
	say: Say,
): Promise<SessionResult> {
	writeCommandScript(folder, [...process.argv.slice(1)], process.cwd());
	const number = (readMeta(folder)?.sessions.length ?? 0) + 1;
	const captured = await capture({
		stdout: runPath(folder, 'stdout'),
		stderr: runPath(folder, 'stderr'),
		separator: `--- session ${number}, ${isoTime()}, pid ${process.pid} ---`,
	});
	if (captured.notice !== undefined) {
		say(captured.notice);
	}
	// A message takes the place of the progress bar, which is drawn again below it.
	const tell = (text: string) => {
		captured.console.clearLine();
		say(text);
	};
	const { signals, preemptible } = built.loop;
	const interruption = new Interruption(tell, { signals, preemptible, ...ending });
	interruption.listen();
	try {
		let present = built;
		for (let avoided: readonly number[] = []; ; ) {
			const session = new Session(folder, present, lease, captured, interruption, allowed, avoided, tell);
			const outcome = await session.run();
			if (!(outcome instanceof RollbackError)) {
				return outcome;
			}
			avoided = outcome.avoided;
			present.parts.model.dispose();
			present.parts.optimizer.dispose();
			// Fresh components: whatever they have become goes with them.
			present = await rebuild();
		}
	} finally {
		interruption.stop();
		await captured.close();
	}
}

/** One process' share of a run, from the restored checkpoint to its end. */
class Session {
	readonly #folder: string;
	readonly #built: Built;
	readonly #loop: Loop;
	readonly #limits: LoopLimits;
	readonly #checkpoints: Checkpoints;
	readonly #interruption: Interruption;
	readonly #say: Say;
	#resumedFrom: string | undefined;
	// The first of a session tells what went wrong; a thousand more would only fill the disk.
	#dumped = false;

	constructor(
		folder: string,
		built: Built,
		lease: Lease,
		captured: Capture,
		interruption: Interruption,
		allowed: readonly string[],
		avoided: readonly number[],
		say: Say,
	) {
		this.#folder = folder;
		this.#built = built;
		this.#interruption = interruption;
		this.#say = say;
		const checkpoints = new Checkpoints(folder, () => lease.check());
		this.#checkpoints = checkpoints;
		const place = {
			path: folder,
			token: lease.record.token,
			facts: metaFacts(built.engine, built.train, built.loop, undefined, allowed),
			check: () => lease.check(),
		};
		this.#limits = limitsOf(built.loop);
		this.#loop = new Loop(
			built.parts,
			this.#limits,
			{
				run: place,
				console: captured.console as { isTTY: boolean; columns: number; write(text: string): void },
				// It goes to stderr.txt as well, and that may be another process' by now.
				notice: (text) => {
					lease.check();
					say(text);
				},
				save: (names, loop) => checkpoints.save(names, loop, built.parts),
				dump: (incident) => {
					if (!this.#dumped) {
						this.#dumped = true;
						say(`step ${incident.step}: numbers that are not finite; bin/replay.ts ${folder} repeats it.`);
						writeIncident(folder, incident, built.parts.model);
					}
				},
				interruption,
			},
			avoided,
		);
		const restored = checkpoints.restore(this.#loop, built.parts);
		if (restored !== undefined) {
			this.#resumedFrom = restored.name;
			place.facts = metaFacts(built.engine, built.train, built.loop, restored.name, allowed);
			for (const damage of restored.damaged) {
				say(`notice: ${damage} An older checkpoint is used instead.`);
			}
		}
	}

	/** A RollbackError asks for another session, from the last checkpoint and without its steps. */
	async run(): Promise<SessionResult | RollbackError> {
		const { engine } = this.#built;
		this.#say(`engine: ${engine.tier} (${engine.simd}, ${engine.threads} threads; ${engine.reason})`);
		if (this.#resumedFrom !== undefined) {
			this.#say(`continuing from ${this.#resumedFrom}: epoch ${this.#loop.epoch}, step ${this.#loop.step}`);
		}
		setStatus(this.#folder, { state: 'running', reason: '', epoch: this.#loop.epoch, step: this.#loop.step });
		let end: EndReason = 'failed';
		let reason = '';
		let rollback: RollbackError | undefined;
		try {
			end = await this.#loop.train();
			reason =
				end === 'interrupted'
					? `signal ${this.#interruption.signal ?? 'of a smoke run'}`
					: (this.#loop.stopReason ?? '');
		} catch (error) {
			end = error instanceof DivergedError ? 'diverged' : 'failed';
			reason = (error as Error).message;
			const { onNan } = this.#limits;
			if (!(error instanceof RollbackError && onNan.action === 'rollback' && error.avoided.length <= onNan.times)) {
				throw error;
			}
			rollback = error;
			this.#say(`${reason} Going back to the last checkpoint; step ${error.avoided.at(-1)} will be left out.`);
		} finally {
			await this.#close(end, reason);
		}
		if (rollback !== undefined) {
			return rollback;
		}
		if (end === 'interrupted') {
			this.#say(`interrupted after epoch ${this.#loop.epoch}, step ${this.#loop.step}; the same command continues.`);
			return { exitCode: this.#interruption.exitCode, end };
		}
		return { exitCode: exitCodes.ok, end };
	}

	async #close(end: EndReason, reason: string): Promise<void> {
		const { epoch, step } = this.#loop;
		if (end === 'finished') {
			await this.#finish();
		}
		try {
			await this.#loop.end(end);
		} finally {
			setStatus(this.#folder, { state: end, reason, epoch, step });
		}
	}

	// The test comes last and of a saved checkpoint, so that `evaluate` repeats it from the folder alone.
	async #finish(): Promise<void> {
		const { loop: settings, parts } = this.#built;
		const loop = this.#loop;
		const history = [...loop.history];
		const { epoch, step, stopReason } = loop;
		const name = this.#checkpoints.has(settings.test_checkpoint) ? settings.test_checkpoint : 'last';
		let test: Record<string, number | string> = {};
		if (settings.test && parts.data.splits.test.size > 0 && this.#checkpoints.has(name)) {
			const evaluation = await evaluateCheckpoint(this.#checkpoints, name, 'test', loop, parts);
			writeEvaluation(this.#folder, 'test', name, evaluation, parts.data.splits.test.size);
			test = jsonNumbers(evaluation.metrics);
			const shown = Object.entries(evaluation.metrics).map(
				([column, value]) => `${column} ${Number(value.toPrecision(5))}`,
			);
			this.#say(`${name} checkpoint: ${shown.join('  ')}`);
		}
		const last = Object.fromEntries(
			Object.entries(history.at(-1) ?? {})
				.filter(([column]) => !column.startsWith('time/'))
				.sort(byName),
		);
		writeSummary(this.#folder, {
			epochs: epoch,
			steps: step,
			stopped: stopReason ?? null,
			last: jsonNumbers(last),
			test_checkpoint: name,
			test,
		});
	}
}

// A continued run reads its rows from history.csv, where a column that came late stands last.
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
	return a < b ? -1 : 1;
}

function sourcesOf(config: Configuration): Array<{ path: string; content: string }> {
	const files = config.merged.files.map(({ path, text }) => ({ path, content: text }));
	const bindings = config.sources.filter(({ kind }) => kind === 'bindings').map(({ text }) => text);
	return bindings.length === 0 ? files : [...files, { path: 'command-line.txt', content: `${bindings.join('\n')}\n` }];
}

function refuseBusy(folder: string): void {
	const owner = leaseOwner(folder);
	if (owner?.alive) {
		// Asking for it gives the refusal its words.
		acquireLease(folder).release();
	}
}

function describeRun(
	config: Configuration,
	checked: Checked,
	operative: Operative,
	built: Built,
	identity: Identity,
): Record<string, string> {
	const json = (value: unknown) => `${JSON.stringify(value, undefined, '\t')}\n`;
	return {
		'config.gin': completeConfig(checked.reached, checked.lookup, { plugins: config.plugins }),
		'operative.json': json(operative),
		'data.json': json(dataFacts(built.names.dataset, built.parts)),
		'identity.json': json(identity),
		'model.json': json(modelFacts(built.names.model, built.parts)),
		'model.txt': summaryTable(built.parts.model.rows()),
	};
}

function rewrite(folder: string, files: Readonly<Record<string, string>>): void {
	for (const [name, content] of Object.entries(files)) {
		const path = `${folder}/${name}`;
		mkdirSync(dirname(path), { recursive: true });
		if (name.endsWith('.json')) {
			writeJsonAtomic(path, JSON.parse(content));
		} else {
			writeFileAtomic(path, content);
		}
	}
}
