import { resolve } from 'node:path';
import { exitCodes, RefusedError, UsageError } from '../core/errors.ts';
import type { Io, Program } from './main.ts';
import { printJson, say } from './output.ts';
import { addCodeOptions, type CodeOptions, openRunConfig } from './training-config.ts';

interface ReplayOptions extends CodeOptions {
	readonly step?: number;
}

/** `bin/replay.ts`: repeats one step whose loss or gradients were not finite, from the run folder alone. */
export const replay: Program = {
	name: 'replay',
	define(command, io) {
		command
			.description('Repeat the step at which a run met numbers that are not finite, and show where they are.')
			.argument('<run>', 'a run folder')
			.option('--step <n>', 'which step, where there were several (default: the latest)', wholeNumber);
		addCodeOptions(command);
		command.action(async (run: string, options: ReplayOptions) => {
			const { stopEngine } = await import('../engine/backend.ts');
			try {
				await replayRun(resolve(run), options, io);
			} finally {
				await stopEngine();
			}
		});
	},
};

async function replayRun(folder: string, options: ReplayOptions, io: Io): Promise<void> {
	const [{ readIncident }, { requireUsable }] = await Promise.all([
		import('./training/incident.ts'),
		import('../run/usable.ts'),
	]);
	requireUsable(folder);
	const incident = readIncident(folder, options.step);
	const { config } = await openRunConfig(folder, options);
	const { build } = await import('./training/build.ts');
	const { parts } = await build(config);
	const { repeatStep } = await import('../train/replay.ts');
	const found = await repeatStep(parts, incident);
	if (found.ids.join() !== incident.ids.join()) {
		throw new RefusedError('replay.other_data', 'The data are in another order than they were: this is another step.');
	}
	const { encodeNumbers } = await import('../run/exact-json.ts');
	const isSame = JSON.stringify(encodeNumbers(found.losses)) === JSON.stringify(encodeNumbers(incident.losses));
	const { jsonNumbers } = await import('./training/outcome.ts');
	const { step, epoch, batch } = incident;
	const shown = {
		...{ step, epoch, batch, ids: found.ids, same: isSame },
		recorded: jsonNumbers(incident.losses),
		repeated: jsonNumbers(found.losses),
		not_finite: found.notFinite,
	};
	printJson(io, shown);
	say(io, `step ${step}: ${isSame ? 'the same losses as recorded' : 'other losses than recorded'}`);
	io.exitCode = isSame ? exitCodes.ok : exitCodes.other;
}

function wholeNumber(text: string): number {
	if (!/^\d+$/u.test(text)) {
		throw new UsageError('replay.step', `--step ${text}: it must be a whole number, 0 or more.`);
	}
	return Number(text);
}
