import { UsageError } from '../core/errors.ts';
import { columnOf, type Direction, directionOf } from '../results/columns.ts';
import type { RunResults } from '../results/run-results.ts';

/** Which way of the deciding figure is better, if groups are ranked by it. */
export interface Ranking {
	/** Undefined where they are not. */
	readonly direction: Direction | undefined;
	/** Why not, a sentence. */
	readonly notice: string | undefined;
}

/**
 * How groups are ranked by a figure: as its runs record it, else as the experiment or the user says. Never by its name,
 * and never by the test split: who chooses by it has no test left.
 */
export function rankingOf(
	metric: string,
	runs: readonly RunResults[],
	said: Direction | undefined,
	declared: Direction | undefined,
): Ranking {
	const known = runs.map(({ columns }) => directionOf(columns, metric));
	const recorded = new Set(known.filter((direction) => direction === 'max' || direction === 'min'));
	const [direction] = recorded;
	if (recorded.size > 1) {
		return unranked(`Groups are not ranked: of ${metric} more is better in some of the runs and less in others.`);
	}
	if (said !== undefined && direction !== undefined && said !== direction) {
		throw new UsageError(
			'report.direction',
			`--direction ${said}: of ${metric} ${direction === 'max' ? 'more' : 'less'} is better, as the runs record it.`,
		);
	}
	if (metric.startsWith('test/')) {
		const instead = `valid/${columnOf(metric).slice('test/'.length)}`;
		return unranked(`Groups are not ranked by the test split; --metric ${instead} ranks them.`);
	}
	const way = direction ?? said ?? declared;
	if (way === undefined && runs.length > 0) {
		const silent = known.filter((one) => one === undefined).length;
		const why =
			silent === 0
				? 'the runs declare no better direction of it'
				: `${silent} of ${runs.length} runs do not record which way of it is better (older ones never do)`;
		return unranked(`Groups are not ranked by ${metric}: ${why}. --direction max or min ranks them.`);
	}
	return { direction: way, notice: undefined };
}

function unranked(notice: string): Ranking {
	return { direction: undefined, notice };
}
