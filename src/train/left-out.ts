import { DivergedError } from '../core/errors.ts';
import { mostSkipped, type NanPolicy, RollbackError } from './nan-policy.ts';

/** Steps whose numbers are not finite: which to leave out, and when there are too many. */
export class LeftOut {
	readonly #policy: NanPolicy;
	readonly #avoided: Set<number>;
	#inARow = 0;

	/** `avoided`: steps to leave out from the start. */
	constructor(policy: NanPolicy, avoided: readonly number[]) {
		this.#policy = policy;
		this.#avoided = new Set(avoided);
	}

	/** Whether a step is to be left out without a look. */
	has(step: number): boolean {
		return this.#avoided.has(step);
	}

	/** A step was taken. */
	taken(): void {
		this.#inARow = 0;
	}

	/** Leaves out a step, and returns what to say; a RollbackError or a DivergedError where it may not go on like this. */
	add(step: number, losses: Readonly<Record<string, number>>): string {
		const loss = Object.values(losses).reduce((sum, value) => sum + value, 0);
		const what = `step ${step}: loss ${loss}, or a gradient that is not finite`;
		if (this.#policy.action === 'rollback') {
			throw new RollbackError(what, step, [...this.#avoided]);
		}
		this.#inARow += 1;
		if (this.#inARow > mostSkipped) {
			throw new DivergedError(
				'training.diverged',
				`Training diverged: ${mostSkipped} steps in a row left out; ${what}.`,
			);
		}
		return `${what}: left out.`;
	}

	state(): { readonly avoided: readonly number[]; readonly skipped: number } {
		return { avoided: [...this.#avoided], skipped: this.#inARow };
	}

	/** Steps to leave out from the start stay. */
	restore({ avoided, skipped }: ReturnType<LeftOut['state']>): void {
		this.#inARow = skipped;
		for (const step of avoided) {
			this.#avoided.add(step);
		}
	}
}
