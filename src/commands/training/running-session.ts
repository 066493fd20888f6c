import { DivergedError, type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Capture } from '../../run/capture.ts';
import type { Lease } from '../../run/lease.ts';
import { setStatus } from '../../run/status.ts';
import type { EndReason } from '../../train/contracts/callback.ts';
import { EvaluationGivenUp } from '../../train/evaluation.ts';
import { Loop } from '../../train/loop.ts';
import type { LoopLimits } from '../../train/loop-parts.ts';
import { RollbackError } from '../../train/nan-policy.ts';
import { doorCommand } from '../door.ts';
import { type Built, limitsOf } from './build.ts';
import { Checkpoints } from './checkpoints.ts';
import { metaFacts } from './facts.ts';
import { finishRun } from './finish.ts';
import { writeIncident } from './incident.ts';
import type { Interruption } from './interruption.ts';
import { limitsMet } from './limits-met.ts';
import type { StartRecord } from './start-record.ts';

/** What stays the same when a session goes back to a checkpoint and begins again. */
export interface SessionSurroundings {
	readonly folder: string;
	readonly lease: Lease;
	readonly captured: Capture;
	readonly interruption: Interruption;
	readonly start: StartRecord;
	/** Changes of the run's identity that were asked for. */
	readonly allowed: readonly string[];
	/** Steps of writing a checkpoint for each step of training, where the order of both has to be the same every time. */
	readonly lockstep: number | undefined;
	say(text: string): void;
}

export interface SessionResult {
	readonly exitCode: ExitCode;
	readonly end: EndReason | 'complete';
}

/** One process' share of a run, from the restored checkpoint to its end. */
export class RunningSession {
	readonly #folder: string;
	readonly #built: Built;
	readonly #loop: Loop;
	readonly #limits: LoopLimits;
	readonly #checkpoints: Checkpoints;
	readonly #interruption: Interruption;
	readonly #say: (text: string) => void;
	#resumedFrom: string | undefined;
	// The first of a session tells what went wrong; a thousand more would only fill the disk.
	#dumped = false;

	/** `avoided`: steps to leave out. */
	constructor(surroundings: SessionSurroundings, built: Built, avoided: readonly number[]) {
		const { folder, lease, captured, interruption, start, allowed, lockstep, say } = surroundings;
		this.#folder = folder;
		this.#built = built;
		this.#interruption = interruption;
		this.#say = say;
		const checkpoints = new Checkpoints(folder, () => lease.check());
		this.#checkpoints = checkpoints;
		const goesOn = avoided.length > 0;
		const place = {
			path: folder,
			token: lease.record.token,
			facts: metaFacts(start, built.engine, built.train, built.loop, undefined, allowed, goesOn),
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
				saves: checkpoints.saves(built.parts, lockstep),
				dump: async (incident) => {
					if (!this.#dumped) {
						this.#dumped = true;
						say(`step ${incident.step}: numbers that are not finite; ${doorCommand('replay', folder)} repeats it.`);
						await writeIncident(folder, incident, built.parts.model);
					}
				},
				interruption,
			},
			avoided,
		);
		const restored = checkpoints.restore(this.#loop, built.parts);
		if (restored !== undefined) {
			this.#resumedFrom = restored.name;
			place.facts = metaFacts(start, built.engine, built.train, built.loop, restored.name, allowed, goesOn);
			for (const damage of restored.damaged) {
				say(`notice: ${damage} An older checkpoint is used instead.`);
			}
		}
	}

	/** A RollbackError asks for another session, from the last checkpoint and without its steps. */
	async run(): Promise<SessionResult | RollbackError> {
		const { engine } = this.#built;
		this.#say(`engine: ${engine.tier} (${engine.simd}, ${engine.threads} threads; ${engine.reason})`);
		if (this.#resumedFrom !== undefined && this.#loop.epoch >= this.#loop.nEpochs) {
			const { epoch, nEpochs } = this.#loop;
			this.#say(`already complete: ${epoch} epochs are done, ${nEpochs} ${nEpochs === 1 ? 'was' : 'were'} asked for.`);
		} else if (this.#resumedFrom !== undefined) {
			this.#say(`continuing from ${this.#resumedFrom}: epoch ${this.#loop.epoch}, step ${this.#loop.step}`);
		}
		setStatus(this.#folder, { state: 'running', reason: '', epoch: this.#loop.epoch, step: this.#loop.step });
		let end: EndReason = 'failed';
		let reason = '';
		let rollback: RollbackError | undefined;
		try {
			end = await this.#loop.train();
			reason = this.#loop.stopReason ?? '';
			if (end === 'finished' && reason !== '') {
				const { epoch, nEpochs } = this.#loop;
				this.#say(`stopped after epoch ${epoch} of ${nEpochs}: ${reason}`);
			}
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
			end = await this.#close(end, reason, rollback !== undefined);
		}
		if (rollback !== undefined) {
			return rollback;
		}
		if (end === 'interrupted') {
			return { exitCode: this.#interruption.exitCode, end };
		}
		return { exitCode: exitCodes.ok, end };
	}

	// Returns how the run has ended in the end: the test of a finished one may be given up, or fail.
	async #close(end: EndReason, reason: string, goesOn: boolean): Promise<EndReason> {
		const { epoch, step } = this.#loop;
		// The test puts another checkpoint into the loop.
		const limits = end === 'finished' ? this.#limitsMet() : [];
		let final = end;
		let why = reason;
		try {
			final = end === 'finished' && !(await this.#finish()) ? 'interrupted' : end;
		} catch (error) {
			final = 'failed';
			why = (error as Error).message;
			throw error;
		} finally {
			await this.#end(final, why, goesOn, { epoch, step, limits });
		}
		return final;
	}

	async #end(
		end: EndReason,
		reason: string,
		goesOn: boolean,
		{ epoch, step, limits }: { readonly epoch: number; readonly step: number; readonly limits: readonly string[] },
	): Promise<void> {
		const state = end === 'finished' && limits.length > 0 ? 'partial' : end;
		const why = end === 'interrupted' ? `signal ${this.#interruption.signal ?? 'of a smoke run'}` : reason;
		try {
			await this.#loop.end(end);
		} finally {
			if (!goesOn) {
				setStatus(this.#folder, {
					state,
					reason: [why, ...(state === 'partial' ? limits : [])].filter(Boolean).join('; '),
					epoch,
					step,
				});
			}
		}
		if (end === 'interrupted') {
			this.#say(`interrupted after epoch ${epoch}, step ${step}; the same command continues.`);
		}
	}

	#limitsMet(): string[] {
		const { loop: settings, parts } = this.#built;
		const limits = limitsMet(this.#loop, this.#limits, settings, parts);
		if (limits.length > 0) {
			const { epoch, nEpochs, step } = this.#loop;
			this.#say(`limited by ${limits.join(' and ')}: ${epoch} of ${nEpochs} epochs, step ${step}`);
		}
		return limits;
	}

	// False where a signal ended the test.
	async #finish(): Promise<boolean> {
		try {
			this.#checkpoints.requireNames(this.#loop.promised);
			await finishRun(this.#folder, this.#loop, this.#built, this.#checkpoints, this.#say);
			return true;
		} catch (error) {
			if (error instanceof EvaluationGivenUp) {
				return false;
			}
			throw error;
		}
	}
}
