import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { differingKeys } from '../results/differing.ts';
import { runFolders } from '../results/find-runs.ts';
import type { History } from '../results/history.ts';
import { type Manifest, readManifest } from '../results/manifest.ts';
import { sayDifferingCode } from '../results/run-code.ts';
import { loadHC, type RunResults } from '../results/run-results.ts';

/** One run of a report; `missing` where it has not begun. */
export interface ReportRun {
	readonly label: string;
	readonly state: RunResults['state'] | 'missing';
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
	/** The column that decides, and which way is better. */
	readonly metric: string;
	readonly direction: 'max' | 'min';
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
	readonly direction?: 'max' | 'min';
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
	const runs = found.map(({ label, results: run, texts }): ReportRun => {
		const own = texts ?? Object.fromEntries(axes.map((axis) => [axis, run?.config.texts[axis] ?? '']));
		return run === undefined
			? { label, state: 'missing', reason: '', epoch: 0, axes: own, metrics: {}, history: undefined, problems: [] }
			: {
					label,
					state: run.state,
					reason: run.status?.reason ?? '',
					epoch: run.reached.epoch,
					axes: own,
					metrics: run.metrics,
					history: run.history,
					problems: run.problems,
				};
	});
	const metric = options.metric ?? manifest?.metric ?? usualMetric(runs);
	requireMetric(metric, runs, options.metric !== undefined);
	const usual = /loss|error|perplexity/u.test(metric) ? 'min' : 'max';
	return {
		title:
			manifest === undefined
				? folders.map((folder) => basename(resolve(folder))).join(', ')
				: `${manifest.experiment} ${manifest.variant}`,
		question: manifest?.question ?? '',
		metric,
		direction: options.direction ?? (options.metric === undefined ? manifest?.direction : undefined) ?? usual,
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

// A figure of merit before a loss, the test before validation; the one that most runs have.
function usualMetric(runs: readonly ReportRun[]): string {
	const counts = new Map<string, number>();
	for (const name of runs.flatMap(({ metrics }) => Object.keys(metrics))) {
		if (/^(?:test|valid|train)\/[^@]+$/u.test(name)) {
			counts.set(name, (counts.get(name) ?? 0) + 1);
		}
	}
	const rank = (name: string) =>
		['test/', 'valid/', 'train/'].findIndex((split) => name.startsWith(split)) + (name.endsWith('/loss') ? 3 : 0);
	const [best] = [...counts].sort(([a, n], [b, m]) => rank(a) - rank(b) || m - n || (a < b ? -1 : 1));
	return best?.[0] ?? 'test/accuracy';
}

function requireMetric(metric: string, runs: readonly ReportRun[], isAsked: boolean): void {
	const known = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)));
	if (isAsked && known.size > 0 && !known.has(metric)) {
		throw new UsageError('report.metric', `No run has a figure "${metric}".${didYouMean(metric, known)}`);
	}
}
