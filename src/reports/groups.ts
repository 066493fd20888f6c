import { UsageError } from '../core/errors.ts';
import { own } from '../core/own.ts';
import type { Direction } from '../results/columns.ts';
import { isDone } from '../run/status.ts';
import type { Collected, ReportRun } from './collect.ts';
import { type Paired, pairedTest, type Spread, spreadOf } from './statistics.ts';

/** Runs that differ in nothing but their seeds. */
export interface Group {
	/** `adam.learning_rate = 0.001`; `all runs` where nothing differs. */
	readonly title: string;
	readonly axes: Readonly<Record<string, string>>;
	readonly runs: readonly ReportRun[];
	/** Of the deciding figure, over the finished runs that have it. */
	readonly spread: Spread;
	/** Against the baseline, over seeds that both have; undefined for the baseline itself and where there is none. */
	readonly comparison: Paired | undefined;
	readonly isBaseline: boolean;
}

/** The groups of a report in the order of their first runs. */
export function groupsOf(collected: Collected): Group[] {
	const axes = collected.axes.filter((axis) => !collected.seedAxes.includes(axis));
	const byKey = new Map<string, ReportRun[]>();
	for (const run of collected.runs) {
		const key = JSON.stringify(axes.map((axis) => run.axes[axis] ?? ''));
		byKey.set(key, [...(byKey.get(key) ?? []), run]);
	}
	const groups = [...byKey.values()].map((runs) => {
		const shared = Object.fromEntries(axes.map((axis) => [axis, runs[0]!.axes[axis] ?? '']));
		return { title: titleOf(shared), axes: shared, runs, spread: spreadOf(figuresOf(runs, collected.metric)) };
	});
	const baseline = baselineOf(groups, collected.baseline);
	return groups.map((group) => ({
		...group,
		isBaseline: group === baseline,
		comparison:
			baseline === undefined || group === baseline ? undefined : compare(group.runs, baseline.runs, collected),
	}));
}

/** The group with the best mean; undefined where no run has finished, and where groups are not ranked. */
export function bestGroup(groups: readonly Group[], direction: Direction | undefined): Group | undefined {
	if (direction === undefined) {
		return undefined;
	}
	const sign = direction === 'max' ? 1 : -1;
	return groups
		.filter(({ spread }) => spread.n > 0)
		.reduce<Group | undefined>(
			(best, group) => (best === undefined || sign * (group.spread.mean - best.spread.mean) > 0 ? group : best),
			undefined,
		);
}

/** The figure of a run that counts: only finished runs have one. */
export function figureOf(run: ReportRun, metric: string): number | undefined {
	const value = isDone(run.state) ? own(run.metrics, metric) : undefined;
	return value === undefined || Number.isNaN(value) ? undefined : value;
}

/** The figures of the runs that have one. */
export function figuresOf(runs: readonly ReportRun[], metric: string): number[] {
	return runs.map((run) => figureOf(run, metric)).filter((value) => value !== undefined);
}

// A pair is two runs of equal seeds.
function compare(runs: readonly ReportRun[], baseline: readonly ReportRun[], { metric, seedAxes }: Collected): Paired {
	const seedOf = (run: ReportRun) => JSON.stringify(seedAxes.map((axis) => run.axes[axis] ?? ''));
	const bySeed = new Map(baseline.map((run) => [seedOf(run), figureOf(run, metric)]));
	const differences = runs.flatMap((run) => {
		const [own, other] = [figureOf(run, metric), bySeed.get(seedOf(run))];
		return own === undefined || other === undefined ? [] : [own - other];
	});
	return pairedTest(differences);
}

function baselineOf<T extends { readonly axes: Readonly<Record<string, string>> }>(
	groups: readonly T[],
	wanted: Readonly<Record<string, string>> | undefined,
): T | undefined {
	if (wanted === undefined) {
		return undefined;
	}
	const found = groups.filter(({ axes }) => Object.entries(wanted).every(([key, text]) => isSame(axes[key], text)));
	if (found.length > 1 || (found.length === 0 && groups.length > 0)) {
		throw new UsageError(
			'report.baseline',
			`The baseline ${titleOf(wanted)} fits ${found.length} of ${groups.length} groups; it must fit one.`,
		);
	}
	return found[0];
}

function isSame(a: string | undefined, b: string): boolean {
	return a === b || (a !== undefined && a !== '' && Number(a) === Number(b));
}

function titleOf(axes: Readonly<Record<string, string>>): string {
	return (
		Object.entries(axes)
			.map(([key, text]) => `${key} = ${text}`)
			.join(', ') || 'all runs'
	);
}
