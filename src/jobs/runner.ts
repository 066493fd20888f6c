import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../files/atomic.ts';
import { ActiveJob } from './active-job.ts';
import { Spending } from './budgets.ts';
import { type Execution, type Exit, startShell } from './execution.ts';
import { HistoryWriter } from './history.ts';
import { Leases } from './lease.ts';
import type { Job } from './list.ts';
import { endedAt, type Outcome, outcomeNow, readEnded, secondsOf } from './outcome.ts';
import { thisPlace } from './place.ts';
import type { RunnerOptions } from './runner-options.ts';
import { Runners } from './runners.ts';

const heartbeat = 10;

/** Runs the jobs of a list here, sharing them with every other runner on the same list. */
export class Runner {
	readonly #options: RunnerOptions;
	readonly #leases: Leases;
	readonly #history: HistoryWriter;
	readonly #runners: Runners;
	readonly #free: number[];
	readonly #active = new Map<string, ActiveJob>();
	readonly #outcomes = new Map<string, Outcome>();
	#pending: Job[];
	#held: Job[] = [];
	readonly #pauses = new Set<AbortController>();
	#isStopping = false;
	#fault: { readonly error: unknown } | undefined;
	#wake: () => void = () => {};

	constructor(options: RunnerOptions) {
		this.#options = options;
		this.#runners = new Runners(options.folder.runners);
		this.#leases = new Leases(options.folder.leases, undefined, options.isKept);
		this.#history = new HistoryWriter(options.folder.history, (error) => {
			options.observer.notice(undefined, (error as Error).message);
		});
		this.#pending = [...options.jobs];
		this.#free = Array.from({ length: options.slots }, (_, index) => index).reverse();
	}

	/** Resolves when every job has ended, here or elsewhere, or when all that ran here have after a stop. */
	async run(): Promise<ReadonlyMap<string, Outcome>> {
		const beat = setInterval(() => this.#beat(), heartbeat * 1000);
		try {
			while (true) {
				this.#startWhatFits();
				if (this.#isOver()) {
					if (this.#fault !== undefined) {
						throw this.#fault.error;
					}
					return this.#outcomes;
				}
				await this.#change();
			}
		} finally {
			clearInterval(beat);
			this.#runners.leave();
			this.#history.close();
			await this.#options.executor?.close();
		}
	}

	/** Starts nothing more. With a signal, the groups of all running jobs get it. */
	stop(signal?: NodeJS.Signals): void {
		this.#isStopping = true;
		for (const pause of this.#pauses) {
			pause.abort();
		}
		if (signal !== undefined) {
			for (const active of this.#active.values()) {
				active.stop(signal);
			}
		}
		this.#wake();
	}

	/** Starts nothing more, and tells what runs and can hear it that its time is nearly over. */
	warn(signal: NodeJS.Signals): void {
		for (const active of this.#active.values()) {
			active.warn(signal);
		}
		this.stop();
	}

	get running(): number {
		return this.#active.size;
	}

	#isOver(): boolean {
		const isIdle = this.#active.size === 0;
		return isIdle && (this.#isStopping || (this.#pending.length === 0 && this.#held.length === 0));
	}

	async #change(): Promise<void> {
		// What others hold is looked at again now and then: they may die.
		const timer = this.#held.length > 0 && this.#free.length > 0 ? setTimeout(() => this.#recall(), 300) : undefined;
		await new Promise<void>((resolve) => {
			this.#wake = resolve;
		});
		clearTimeout(timer);
	}

	#recall(): void {
		this.#held.forEach((job) => void this.#pending.push(job));
		this.#held = [];
		this.#wake();
	}

	#startWhatFits(): void {
		while (!this.#isStopping && this.#free.length > 0) {
			const job = this.#pending.shift();
			if (job === undefined) {
				return;
			}
			this.#try(job);
		}
	}

	#try(job: Job): void {
		const { folder, observer } = this.#options;
		const grant = this.#leases.take(job.key, 1);
		if (!grant.mine) {
			this.#held.push(job);
			observer.elsewhere(job, grant.orphan);
			return;
		}
		const before = readEnded(folder.ended, job.key);
		if (before !== undefined && this.#isSettled(before)) {
			this.#leases.release(job.key);
			this.#outcomes.set(job.key, before);
			observer.endedElsewhere(job, before);
			this.#haltOnFailure(before);
			return;
		}
		if (grant.after !== undefined) {
			const { attempt, time } = grant.after;
			this.#record(outcomeNow(job, attempt, { code: null, signal: null }, time, 'lost'));
		}
		const attempt = Math.max(before?.attempt ?? 0, grant.after?.attempt ?? 0) + 1;
		const slot = this.#free.pop()!;
		const active = new ActiveJob(job, grant.after !== undefined && grant.after.place !== thisPlace());
		this.#active.set(job.key, active);
		this.#work(active, attempt, slot)
			.catch((error) => this.#fail(error))
			.finally(() => {
				this.#active.delete(job.key);
				this.#free.push(slot);
				this.#wake();
			});
	}

	// What another runner has brought to an end while this one ran is not repeated here, even if it failed.
	#isSettled(outcome: Outcome): boolean {
		const isFailure = outcome.state === 'failed' || outcome.state === 'timeout' || outcome.state === 'again';
		return (
			outcome.state === 'ok' || (isFailure && endedAt(this.#options.folder.ended, outcome.key) >= this.#runners.since)
		);
	}

	async #work(active: ActiveJob, first: number, slot: number): Promise<void> {
		const { job } = active;
		const { budgets, observer, retryDelay } = this.#options;
		const spending = new Spending(budgets);
		for (let attempt = first; ; attempt++) {
			const outcome = await this.#attempt(active, attempt, slot);
			if (outcome === undefined) {
				return;
			}
			const again = spending.allows(outcome.state, secondsOf(outcome)) && !this.#isStopping;
			observer.ended(job, outcome, again);
			if (again) {
				await this.#pause(retryDelay ?? spending.delay);
			}
			if (!again || this.#isStopping) {
				this.#settle(job, outcome);
				return;
			}
		}
	}

	#settle(job: Job, outcome: Outcome): void {
		if (this.#leases.settle(this.#options.folder.ended, outcome)) {
			this.#outcomes.set(job.key, outcome);
			this.#haltOnFailure(outcome);
		} else {
			this.#options.observer.notice(job, leaseLost);
		}
	}

	async #attempt(active: ActiveJob, attempt: number, slot: number): Promise<Outcome | undefined> {
		const { job } = active;
		const start = new Date().toISOString();
		this.#options.observer.started(job, attempt);
		const { left = [], ...exit } = await this.#execution(active, attempt, slot);
		if (left.length > 0) {
			const names = left.map(({ pid, name }) => `${pid} (${name})`);
			this.#options.observer.notice(job, `left running in the background: ${names.join(', ')}`);
		}
		// What has been finished is finished, also by one that was taken for dead meanwhile.
		const isFree = exit.code === 0 && !this.#leases.holds(job.key) && this.#leases.take(job.key, attempt).mine;
		if (!isFree && !this.#leases.holds(job.key)) {
			this.#options.observer.notice(job, leaseLost);
			return undefined;
		}
		return this.#record(outcomeNow(job, attempt, exit, start, active.stateAfter(exit)));
	}

	// What a lost machine was writing into is refused until its last sign of life is old enough.
	async #execution(active: ActiveJob, attempt: number, slot: number): Promise<Exit> {
		const { timeout, grace } = this.#options;
		while (true) {
			const execution = this.#start(active.job, attempt, slot);
			try {
				this.#leases.name(active.job.key, attempt, execution.pid);
			} catch (error) {
				// What runs may finish all the same.
				this.#fail(error);
			}
			const exit = await active.watch(execution, timeout, grace);
			if (!active.waitsFor(exit) || this.#isStopping) {
				return exit;
			}
			await this.#pause(5);
			if (this.#isStopping) {
				return exit;
			}
		}
	}

	#start(job: Job, attempt: number, slot: number): Execution {
		const { folder, env, gpus, executor, shell, cwd } = this.#options;
		const gpu: Record<string, string> = gpus.length === 0 ? {} : { CUDA_VISIBLE_DEVICES: gpus[slot % gpus.length]! };
		const own = { GIMLET_JOB_KEY: job.key, GIMLET_JOB_ATTEMPT: String(attempt), GIMLET_JOB_SLOT: String(slot) };
		const log = folder.logFile(job.name, attempt);
		const task = { job, attempt, slot, log, env: { ...env, ...gpu, ...own } };
		return executor?.start(task) ?? startShell(task, { shell, cwd, list: folder.list });
	}

	#record(outcome: Outcome): Outcome {
		this.#history.append(outcome);
		return outcome;
	}

	// This runner cannot go on (the disk is full, say); what runs may finish.
	#fail(error: unknown): void {
		this.#fault ??= { error };
		this.stop();
	}

	#haltOnFailure({ state }: Outcome): void {
		if (this.#options.failFast && state !== 'ok' && state !== 'interrupted') {
			this.stop();
		}
	}

	async #pause(seconds: number): Promise<void> {
		if (seconds > 0) {
			const waiting = new AbortController();
			this.#pauses.add(waiting);
			await sleep(seconds * 1000, undefined, { signal: waiting.signal }).catch(() => {});
			this.#pauses.delete(waiting);
		}
	}

	// Whoever took a lease away believes this process dead: two writers would be worse than a killed job.
	#beat(): void {
		try {
			this.#runners.beat();
			for (const key of this.#leases.beat()) {
				this.#active.get(key)?.signal('SIGKILL');
			}
		} catch (error) {
			this.#fail(explain(this.#options.folder.path, error));
		}
	}
}

const leaseLost = 'its lease is gone: another runner took it for dead, or the state of the list was removed';
