import type { Logs } from '../../train/contracts/callback.ts';
import type { Loop } from '../../train/loop.ts';
import type { LoopParts } from '../../train/loop-parts.ts';
import type { Built } from './build.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type Evaluated, evaluateCheckpoint, jsonNumbers, writeEvaluation, writeSummary } from './outcome.ts';

/**
 * The end of a finished run: the test, and `summary.json`. The test comes last and of a saved checkpoint, so that
 * `evaluate` repeats it from the folder alone.
 */
export async function finishRun(
	folder: string,
	loop: Loop,
	{ loop: settings, parts }: Built,
	checkpoints: Checkpoints,
	say: (text: string) => void,
): Promise<void> {
	const history = [...loop.history];
	const { epoch, step, stopReason } = loop;
	const name = checkpoints.has(settings.test_checkpoint) ? settings.test_checkpoint : 'last';
	let test: Record<string, number | string> = {};
	let tested: Evaluated | undefined;
	if (settings.test && parts.data.splits.test.size > 0 && checkpoints.has(name)) {
		tested = await evaluateCheckpoint(checkpoints, name, 'test', loop, parts);
		writeEvaluation(folder, 'test', name, tested, parts.data.splits.test.size);
		test = jsonNumbers(tested.metrics);
		const shown = Object.entries(tested.metrics).map(([column, value]) => `${column} ${Number(value.toPrecision(5))}`);
		say(`${name} checkpoint: ${shown.join('  ')}`);
	}
	const best = decidedCheckpoints(parts, checkpoints, tested === undefined ? {} : { [name]: tested });
	const last = withoutTimes(history.at(-1) ?? {});
	best.forEach((one) => void say(besideLast(one, last)));
	writeSummary(folder, {
		epochs: epoch,
		steps: step,
		stopped: stopReason ?? null,
		last: jsonNumbers(last),
		checkpoints: Object.fromEntries(
			best.map(({ name: checkpoint, epochs, step: at, monitor, row }) => [
				checkpoint,
				{ epochs, step: at, monitor, figures: jsonNumbers(row) },
			]),
		),
		test_checkpoint: name,
		test,
	});
}

/** A checkpoint that is the best by a column, with the row of its epoch. */
interface Decided {
	readonly name: string;
	readonly monitor: string;
	readonly epochs: number;
	readonly step: number;
	readonly row: Logs;
}

function decidedCheckpoints(
	{ callbacks }: LoopParts,
	checkpoints: Checkpoints,
	loaded: Readonly<Record<string, Evaluated>>,
): Decided[] {
	return callbacks
		.flatMap(({ callback }) => callback.watches())
		.flatMap(({ checkpoint: name, column: monitor }): Decided[] => {
			if (name === undefined || !checkpoints.has(name)) {
				return [];
			}
			const { epoch: epochs, step, row } = loaded[name] ?? checkpoints.standing(name);
			return [{ name, monitor, epochs, step, row: withoutTimes(row ?? {}) }];
		});
}

function besideLast({ name, monitor, epochs, row }: Decided, last: Readonly<Logs>): string {
	const shown = (value: number | undefined) => (value === undefined ? '-' : `${Number(value.toPrecision(5))}`);
	const best = `${monitor}: ${shown(row[monitor])} at the checkpoint ${name}, after epoch ${epochs}`;
	const isLast = row['step'] === last['step'];
	return isLast
		? `${best}, the last`
		: `${best}; ${shown(last[monitor])} after the last, epoch ${(last['epoch'] ?? 0) + 1}`;
}

// Sorted: a continued run reads its rows from history.csv, where a column that came late stands last.
function withoutTimes(row: Readonly<Logs>): Logs {
	const lasting = Object.entries(row).filter(([column]) => !column.startsWith('time/'));
	return Object.fromEntries(lasting.sort(([a], [b]) => (a < b ? -1 : 1)));
}
