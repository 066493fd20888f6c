import { z } from 'zod';
import { type Heartbeat as Beating, startHeartbeat } from '../run/heartbeat.ts';
import { Callback, callback } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';

const parameters = z
	.object({
		interval: z.number().positive().default(10).meta({ unit: 's', free: true }).describe('Seconds between two beats.'),
	})
	.describe('Writes HEARTBEAT by its own timer, so that a long evaluation does not look dead.');

/** Writes `HEARTBEAT` (pid, epoch, step, time) from a thread of its own. */
@callback('heartbeat', parameters)
export class Heartbeat extends Callback {
	override readonly essential = false;
	readonly #interval: number;
	#beating: Beating | undefined;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#interval = p.interval;
	}

	override owns(): readonly string[] {
		return ['HEARTBEAT'];
	}

	override async onRunStart({ run, epoch, step }: Training): Promise<void> {
		if (run !== undefined) {
			this.#beating = await startHeartbeat(run.path, { intervalSeconds: this.#interval, token: run.token });
			this.#beating.progress(epoch, step);
		}
	}

	override onBatchEnd({ epoch, step }: Training): void {
		this.#beating?.progress(epoch, step);
	}

	override async onRunEnd(): Promise<void> {
		await this.#beating?.stop();
	}
}
