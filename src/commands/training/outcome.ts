import { removeLeftovers } from '../../files/atomic.ts';
import { makeFolderInside } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { readRecordInside } from '../../files/reading.ts';
import { writeJsonInside } from '../../files/writing.ts';
import { evaluationLayout } from '../../run/layouts.ts';
import { evaluationName, runFiles } from '../../run/paths.ts';
import type { Logs } from '../../train/contracts/callback.ts';
import type { SplitName } from '../../train/contracts/data.ts';
import type { Loop } from '../../train/loop.ts';
import type { LoopParts } from '../../train/loop-parts.ts';
import { restoreSnapshot } from '../../train/snapshot.ts';
import type { Checkpoints } from './checkpoints.ts';

/** What an evaluation of a checkpoint gave, and where the checkpoint stands. */
export interface Evaluated {
	readonly metrics: Logs;
	readonly epoch: number;
	readonly step: number;
	/** The last row of the history that the checkpoint has. */
	readonly row: Readonly<Logs> | null;
}

/** Losses and metrics of one checkpoint on one split, under names such as `test/accuracy`. */
export async function evaluateCheckpoint(
	checkpoints: Checkpoints,
	name: string,
	split: Exclude<SplitName, 'train'>,
	loop: Loop,
	parts: LoopParts,
): Promise<Evaluated> {
	const snapshot = checkpoints.load(name);
	restoreSnapshot(snapshot, loop, parts, []);
	const metrics = await loop.evaluate(split);
	const { epoch, step, lastRow } = snapshot.state.loop;
	return { metrics, epoch, step, row: lastRow };
}

/** What computed an evaluation that is not part of a run, compared with the run. */
export interface EvaluationOrigin {
	/** Names the code, engine and data. */
	readonly tag: string;
	/** What differs from the run, a line each; empty where nothing does. */
	readonly differs: readonly string[];
}

/**
 * Writes `eval/<split>@<checkpoint>.json` and returns its path. What other code, another engine or other data have computed
 * goes beside what is recorded, never over it.
 */
export function writeEvaluation(
	folder: string,
	split: string,
	checkpoint: string,
	{ metrics, epoch, step }: Omit<Evaluated, 'row'>,
	examples: number,
	origin?: EvaluationOrigin,
): string {
	// What a process that was killed meanwhile has left.
	removeLeftovers(makeFolderInside(folder, runFiles.evaluations));
	const figures = jsonNumbers(metrics);
	const differs = [...(origin?.differs ?? [])];
	if (
		origin !== undefined &&
		differs.length === 0 &&
		holdsOthers(folder, evaluationName(split, checkpoint), step, figures)
	) {
		differs.push('figures: the same code, engine and data give other ones');
	}
	const other = differs.length === 0 ? undefined : origin?.tag;
	return writeJsonInside(folder, evaluationName(split, checkpoint, other), {
		schema: 'gimlet.evaluation/1',
		split,
		checkpoint,
		epochs: epoch,
		step,
		n_examples: examples,
		metrics: figures,
		...(other === undefined ? {} : { other, differs }),
	});
}

// Of the same state of the run: a checkpoint called `last` moves on with it.
function holdsOthers(folder: string, name: string, step: number, figures: Record<string, number | string>): boolean {
	const before = readRecordInside(folder, name, evaluationLayout, limits.record);
	const names = [...new Set([...Object.keys(before?.metrics ?? {}), ...Object.keys(figures)])];
	return before !== undefined && before.step === step && names.some((one) => before.metrics[one] !== figures[one]);
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
