import { removeLeftovers } from '../../files/atomic.ts';
import { makeFolderInside } from '../../files/inside.ts';
import { writeJsonInside } from '../../files/writing.ts';
import { evaluationName, runFiles } from '../../run/paths.ts';
import type { Logs } from '../../train/contracts/callback.ts';
import type { SplitName } from '../../train/contracts/data.ts';
import type { Loop } from '../../train/loop.ts';
import type { LoopParts } from '../../train/loop-parts.ts';
import { restoreSnapshot } from '../../train/snapshot.ts';
import type { Checkpoints } from './checkpoints.ts';

/** Losses and metrics of one checkpoint on one split, under names such as `test/accuracy`. */
export async function evaluateCheckpoint(
	checkpoints: Checkpoints,
	name: string,
	split: Exclude<SplitName, 'train'>,
	loop: Loop,
	parts: LoopParts,
): Promise<{ readonly metrics: Logs; readonly epoch: number; readonly step: number }> {
	const snapshot = checkpoints.load(name);
	restoreSnapshot(snapshot, loop, parts, []);
	const metrics = await loop.evaluate(split);
	return { metrics, epoch: snapshot.state.loop.epoch, step: snapshot.state.loop.step };
}

/** `eval/<split>@<checkpoint>.json`, and its path. */
export function writeEvaluation(
	folder: string,
	split: string,
	checkpoint: string,
	{ metrics, epoch, step }: Awaited<ReturnType<typeof evaluateCheckpoint>>,
	examples: number,
): string {
	// What a process that was killed meanwhile has left.
	removeLeftovers(makeFolderInside(folder, runFiles.evaluations));
	return writeJsonInside(folder, evaluationName(split, checkpoint), {
		schema: 'gimlet.evaluation/1',
		split,
		checkpoint,
		epochs: epoch,
		step,
		n_examples: examples,
		metrics: jsonNumbers(metrics),
	});
}

/** `summary.json`: the result of a run in one object; it holds no times, so that equal runs have equal summaries. */
export function writeSummary(folder: string, summary: object): void {
	writeJsonInside(folder, runFiles.summary, { schema: 'gimlet.summary/1', ...summary });
}

/** Numbers as JSON can hold them: `nan`, `inf`, `-inf` become strings. */
export function jsonNumbers(logs: Readonly<Logs>): Record<string, number | string> {
	return Object.fromEntries(
		Object.entries(logs).map(([name, value]) => [name, Number.isFinite(value) ? value : specialName(value)]),
	);
}

function specialName(value: number): string {
	return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
