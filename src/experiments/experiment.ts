import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Point, Sweep } from './point.ts';

/** What is said of an experiment. */
export interface ExperimentSpec {
	/** The question it answers, one line. */
	readonly question: string;
	/** `import.meta.url` of the experiment's main.ts: its folder names the experiment. */
	readonly from: string;
	/** The config that every job starts from, relative to that folder; default `template.gin`. */
	readonly template?: string;
	/** Sweeps by name of the variant; several sweeps of one variant are combined, each point with each. */
	readonly variants: Readonly<Record<string, readonly Sweep[]>>;
	/** What a report compares the others with, on equal seeds: `{'adam.learning_rate': 0.001}`. */
	readonly baseline?: Point;
	/** The column that answers the question, of validation; default: the first metric of the template. */
	readonly metric?: string;
	/** Which way is better; default: as the metric or the loss declares it. */
	readonly direction?: 'max' | 'min';
}

/** A described experiment. */
export interface Experiment extends Required<Omit<ExperimentSpec, 'baseline' | 'metric' | 'direction'>> {
	readonly name: string;
	readonly folder: string;
	/** The path of the template. */
	readonly template: string;
	readonly baseline: Point | undefined;
	readonly metric: string | undefined;
	readonly direction: 'max' | 'min' | undefined;
}

/** Describes an experiment; nothing is read or written. Throws a UsageError where the description has a mistake. */
export function defineExperiment(spec: ExperimentSpec): Experiment {
	const folder = dirname(fileURLToPath(spec.from));
	const name = basename(folder);
	if (!/^[\w-]+$/u.test(name)) {
		throw new UsageError(
			'experiment.name',
			`${folder}: an experiment's folder is named with letters, digits, _ and -.`,
		);
	}
	for (const [variant, sweeps] of Object.entries(spec.variants)) {
		if (!/^[\w-]+$/u.test(variant) || !Array.isArray(sweeps)) {
			throw new UsageError(
				'experiment.variant',
				`${name}: the variant "${variant}" needs a plain name and a list of sweeps.`,
			);
		}
	}
	const template = join(folder, spec.template ?? 'template.gin');
	if (!existsSync(template)) {
		throw new UsageError('experiment.template', `${name}: there is no template ${template}.`);
	}
	const { metric, direction, baseline } = spec;
	return { ...spec, name, folder, template, metric, direction, baseline };
}

/** The named variant, or the first one. Throws a UsageError for an unknown name. */
export function chooseVariant(experiment: Experiment, wanted: string | undefined): string {
	const names = Object.keys(experiment.variants);
	const name = wanted ?? names[0];
	if (name === undefined || !names.includes(name)) {
		throw new UsageError(
			'experiment.variant',
			`${experiment.name} has no variant "${name ?? ''}".${didYouMean(name ?? '', names)} It has: ${names.join(', ')}.`,
		);
	}
	return name;
}
