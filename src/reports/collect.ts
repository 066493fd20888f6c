import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { own } from '../core/own.ts';
import { didYouMean } from '../core/suggest.ts';
import { type Direction, decidingColumn } from '../results/columns.ts';
import { differingKeys } from '../results/differing.ts';
import { runFolders } from '../results/find-runs.ts';
import type { History } from '../results/history.ts';
import { type Manifest, readManifest } from '../results/manifest.ts';
import { sayDifferingCode } from '../results/run-code.ts';
import { loadHC, type RunResults } from '../results/run-results.ts';
import { runKey } from '../results/same-run.ts';
import { rankingOf } from './ranking.ts';

/** One run of a report; `missing` where it has not begun, `duplicate` where it counts under another label. */
export interface ReportRun {
	readonly label: string;
	readonly state: RunResults['state'] | 'missing' | 'duplicate';
	readonly reason: string;
	readonly epoch: number;
	/** The swept values as a config spells them. */
	readonly axes: Readonly<Record<string, string>>;
	readonly metrics: Readonly<Record<string, number>>;
	readonly history: History | undefined;
	/** What is damaged in it, one line each. */
	readonly problems: readonly string[];
}

/** All a report is made of. */
export interface Collected {
	readonly title: string;
	readonly question: string;
	/** The figure that decides, and which way is better where groups are ranked by it. */
	readonly metric: string;
	readonly direction: Direction | undefined;
	/** What is to be said of the report as a whole, a sentence each. */
	readonly notices: readonly string[];
	readonly axes: readonly string[];
	/** Those axes that only repeat a job. */
	readonly seedAxes: readonly string[];
	readonly baseline: Readonly<Record<string, string>> | undefined;
	readonly runs: readonly ReportRun[];
	/** Values all runs have in common are left out; `differences` are keys that differ but are no axes. */
	readonly differences: readonly string[];
	readonly configs: readonly Readonly<Record<string, string>>[];
	/** Folders that could not be looked into, a line each. */
	readonly unread: readonly string[];
	/** A sentence where not all runs were computed by the same code. */
	readonly codeDifference: string | undefined;
}

/** What may be said otherwise than in the manifest. */
export interface CollectOptions {
	readonly metric?: string;
	readonly direction?: Direction;
	readonly baseline?: Readonly<Record<string, string>>;
}

/** Reads the runs of one or more folders: those of an experiment's manifest, or whatever runs lie below. */
export function collect(folders: readonly string[], options: CollectOptions = {}): Collected {
	const manifest = folders.length === 1 ? readManifest(folders[0]!) : undefined;
	const unread: string[] = [];
	const found = manifest === undefined ? freeRuns(folders, unread) : plannedRuns(folders[0]!, manifest);
	const results = found.map(({ results }) => results);
	const configs = results.map((run) => run?.config).filter((config) => config !== undefined);
	const differing = differingKeys(configs).filter((key) => !isOfTheMachine(key));
	const axes = manifest?.axes ?? differing;
	const originals = originalsOf(found);
	const runs = found.map((one): ReportRun => {
		const { label, results: run, texts } = one;
		const original = originals.get(one);
		const all = texts ?? run?.config.texts ?? {};
		const swept = Object.fromEntries(axes.map((axis) => [axis, own(all, axis) ?? '']));
		return run === undefined
			? { label, state: 'missing', reason: '', epoch: 0, axes: swept, metrics: {}, history: undefined, problems: [] }
			: {
					label,
					state: original === undefined ? run.state : 'duplicate',
					reason: original === undefined ? (run.status?.reason ?? '') : `it is the same run as ${original}`,
					epoch: run.reached.epoch,
					axes: swept,
					metrics: run.metrics,
					history: original === undefined ? run.history : undefined,
					problems: run.problems,
				};
	});
	const read = found.flatMap((one) => (one.results === undefined || originals.has(one) ? [] : [one.results]));
	const metric = options.metric ?? manifest?.metric ?? usualMetric(read);
	requireMetric(metric, runs, options.metric !== undefined);
	const declared = options.metric === undefined && manifest?.declared === true ? manifest.direction : undefined;
	const { direction, notice } = rankingOf(metric, read, options.direction, declared ?? undefined);
	return {
		title:
			manifest === undefined
				? folders.map((folder) => basename(resolve(folder))).join(', ')
				: `${manifest.experiment} ${manifest.variant}`,
		question: manifest?.question ?? '',
		metric,
		direction,
		notices: notice === undefined ? [] : [notice],
		axes,
		seedAxes: axes.filter((axis) => /(?:^|\.|_)seed$/u.test(axis)),
		baseline: options.baseline ?? manifest?.baseline ?? undefined,
		runs,
		differences: differing.filter((key) => !axes.includes(key)),
		configs: results.map((run) => run?.config.texts ?? {}),
		unread,
		codeDifference: sayDifferingCode(results.map((run) => run?.code)),
	};
}

interface FoundRun {
	readonly label: string;
	readonly results: RunResults | undefined;
	readonly texts?: Readonly<Record<string, string>>;
}

// One run in several folders is one result: that which went furthest, the first of those.
function originalsOf(found: readonly FoundRun[]): ReadonlyMap<FoundRun, string> {
	const byKey = new Map<string, FoundRun[]>();
	for (const one of found) {
		if (one.results !== undefined) {
			const key = runKey(one.results.run);
			byKey.set(key, [...(byKey.get(key) ?? []), one]);
		}
	}
	return new Map(
		[...byKey.values()].flatMap((same) => {
			const [first, ...others] = same.toSorted((a, b) => b.results!.reached.step - a.results!.reached.step);
			return others.map((other) => [other, first!.label] as const);
		}),
	);
}

function plannedRuns(folder: string, manifest: Manifest): FoundRun[] {
	return manifest.jobs.map(({ id, run, texts }) => {
		const path = join(folder, run);
		return { label: id, results: existsSync(path) ? loadHC(path) : undefined, texts };
	});
}

// A run is called by its path below the folder, with the folder where there are several.
function freeRuns(folders: readonly string[], unread: string[]): FoundRun[] {
	return folders.flatMap((folder) =>
		runFolders(folder, unread).map((path) => {
			const inside = relative(folder, path);
			const name = inside === '' ? basename(resolve(folder)) : inside;
			return {
				label: folders.length > 1 && inside !== '' ? `${basename(resolve(folder))}/${name}` : name,
				results: loadHC(path),
			};
		}),
	);
}

function isOfTheMachine(key: string): boolean {
	return /(?:^|\/)device\.|(?:_|\.)(?:dir|path|folder)$/u.test(key) || key === 'training_loop.resume';
}

// What decided about the best checkpoint in most of the runs; else a figure of merit before a loss, validation before
// training. The test split is for those who ask for it.
function usualMetric(runs: readonly RunResults[]): string {
	const [deciding] = mostFrequent(runs.flatMap(({ columns }) => decidingColumn(columns) ?? []));
	if (deciding !== undefined) {
		return deciding;
	}
	const names = runs
		.flatMap(({ metrics }) => Object.keys(metrics))
		.filter((name) => /^(?:valid|train)\/[^@]+$/u.test(name));
	const rank = (name: string) => (name.startsWith('valid/') ? 0 : 1) + (name.endsWith('/loss') ? 2 : 0);
	const [best] = mostFrequent(names).sort((a, b) => rank(a) - rank(b));
	return best ?? 'valid/loss';
}

function mostFrequent(names: readonly string[]): string[] {
	const counts = new Map<string, number>();
	for (const name of names) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name);
}

function requireMetric(metric: string, runs: readonly ReportRun[], isAsked: boolean): void {
	const known = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)));
	if (isAsked && known.size > 0 && !known.has(metric)) {
		throw new UsageError('report.metric', `No run has a figure "${metric}".${didYouMean(metric, known)}`);
	}
}
