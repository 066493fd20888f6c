import { appendFileSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import { onDurableStep } from './atomic.ts';

/** A fault to cause on purpose: what happens, and at which step of training or of durable writing. */
export interface Chaos {
	readonly action: (typeof actions)[number];
	readonly at: 'step' | 'write';
	/** From 1, counted in this process for writes and over the whole run for training steps. */
	readonly number: number;
}

const actions = ['kill', 'tear', 'stop', 'term', 'full'] as const;
const signals = { kill: 'SIGKILL', tear: 'SIGKILL', stop: 'SIGSTOP', term: 'SIGTERM' } as const;

/** Reads `kill@step=37`, `kill@write=12`, `tear@write=12`, `stop@step=5`, `term@step=5`, `full@write=12`. */
export function parseChaos(text: string): Chaos {
	const [, action, at, number] = /^([a-z]+)@(step|write)=([1-9]\d*)$/u.exec(text) ?? [];
	const known = actions.find((one) => one === action);
	if (known === undefined || ((known === 'tear' || known === 'full') && at !== 'write')) {
		throw new UsageError(
			'chaos',
			`--chaos ${text}: expected an action and where it strikes, as in kill@step=37, kill@write=12, tear@write=12 ` +
				'(half of the bytes, then kill), stop@step=37 (SIGSTOP), term@step=37 (SIGTERM), full@write=12 (disk full).',
		);
	}
	return { action: known, at: at as Chaos['at'], number: Number(number) };
}

/**
 * Strikes right before the n-th step of durable writing of this process; for faults at training steps, call what is
 * returned after each. Ends with `stop`.
 */
export function unleash(faults: readonly Chaos[]): { afterStep(step: number): void; stop(): void } {
	const atStep = faults.filter(({ at }) => at === 'step');
	const atWrite = faults.filter(({ at }) => at === 'write');
	let writes = 0;
	const stop = onDurableStep(({ kind, path, data }) => {
		writes += 1;
		for (const { action, number } of atWrite) {
			if (action === 'full' && writes >= number && kind === 'write') {
				throw Object.assign(new Error('no space left on device (chaos)'), { code: 'ENOSPC' });
			}
			if (action !== 'full' && writes === number) {
				if (action === 'tear' && data !== undefined) {
					appendFileSync(path, data.subarray(0, data.length >> 1));
				}
				process.kill(process.pid, signals[action]);
			}
		}
	});
	return {
		stop,
		afterStep(step) {
			for (const { action, number } of atStep) {
				if (step === number && action !== 'full') {
					process.kill(process.pid, signals[action]);
				}
			}
		},
	};
}
