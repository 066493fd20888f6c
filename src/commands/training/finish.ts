import type { Logs } from '../../train/contracts/callback.ts';
import type { Loop } from '../../train/loop.ts';
import type { Built } from './build.ts';
import type { Checkpoints } from './checkpoints.ts';
import { evaluateCheckpoint, jsonNumbers, writeEvaluation, writeSummary } from './outcome.ts';

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
	if (settings.test && parts.data.splits.test.size > 0 && checkpoints.has(name)) {
		const evaluation = await evaluateCheckpoint(checkpoints, name, 'test', loop, parts);
		writeEvaluation(folder, 'test', name, evaluation, parts.data.splits.test.size);
		test = jsonNumbers(evaluation.metrics);
		const shown = Object.entries(evaluation.metrics).map(
			([column, value]) => `${column} ${Number(value.toPrecision(5))}`,
		);
		say(`${name} checkpoint: ${shown.join('  ')}`);
	}
	writeSummary(folder, {
		epochs: epoch,
		steps: step,
		stopped: stopReason ?? null,
		last: jsonNumbers(withoutTimes(history.at(-1) ?? {})),
		test_checkpoint: name,
		test,
	});
}

// Sorted: a continued run reads its rows from history.csv, where a column that came late stands last.
function withoutTimes(row: Readonly<Logs>): Logs {
	const lasting = Object.entries(row).filter(([column]) => !column.startsWith('time/'));
	return Object.fromEntries(lasting.sort(([a], [b]) => (a < b ? -1 : 1)));
}
