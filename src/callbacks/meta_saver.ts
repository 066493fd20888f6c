import { z } from 'zod';
import { type MetaSession, startSession } from '../run/meta.ts';
import { Callback, callback, type EndReason } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';

const parameters = z
	.object({})
	.describe('Keeps meta.json: command, versions, host, device, seeds, sessions and their times.');

/** Keeps `meta.json` true: one session is added at the start, brought up to date every epoch, closed at the end. */
@callback('meta_saver', parameters)
export class MetaSaver extends Callback {
	#session: MetaSession | undefined;

	constructor(_parameters: z.output<typeof parameters>) {
		super();
	}

	override owns(): readonly string[] {
		return ['meta.json'];
	}

	override onRunStart({ run }: Training): void {
		run?.check();
		this.#session = run === undefined ? undefined : startSession(run.path, run.facts);
	}

	override onEpochLogged({ run }: Training): void {
		run?.check();
		this.#session?.update();
	}

	override onRunEnd({ run }: Training, reason: EndReason): void {
		run?.check();
		this.#session?.end(reason);
	}
}
