import { join } from 'node:path';
import { ConfigError, placeless, UsageError } from '../../core/errors.ts';
import { typedCommand } from '../../core/shell-quote.ts';
import { didYouMean } from '../../core/suggest.ts';
import { product } from '../../experiments/axes.ts';
import { batchScript } from '../../experiments/batch-script.ts';
import type { Experiment } from '../../experiments/experiment.ts';
import { jobId } from '../../experiments/identity.ts';
import { type AxisValue, isGinText, type Point, pointKey } from '../../experiments/point.ts';
import { type Plan, type PlannedJob, variantFiles } from '../../experiments/prepare.ts';
import { printBinding, printValue } from '../../gin/printer.ts';
import { parameterOf } from '../../registry/catalog.ts';
import type { Checked } from '../../registry/check.ts';
import { completeConfig } from '../../registry/complete-config.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { requireKey } from '../../registry/lookup.ts';
import { operativeOf } from '../../registry/operative.ts';
import { fromPlain } from '../../registry/plain.ts';
import { Secrets } from '../../registry/secrets.ts';
import type { Manifest } from '../../results/manifest.ts';
import { resultsDir } from '../runs/places.ts';
import { loadComponents, projectRoot } from '../training-config.ts';
import { whatDecides } from './decides.ts';

/** Where a variant lives: `$RESULTS_DIR/<experiment>/<variant>`. */
export function variantFolder(experiment: Experiment, variant: string): string {
	return join(resultsDir(), experiment.name, variant);
}

/** Checks every job of a variant against the components and says what belongs into its folder. */
export async function planVariant(experiment: Experiment, variant: string): Promise<Plan> {
	await loadComponents();
	const [{ Configuration }, { roots }] = await Promise.all([
		import('../../registry/configuration.ts'),
		import('../../train/settings.ts'),
	]);
	const open = (bindings: readonly string[]) =>
		Configuration.fromFiles([experiment.template], { bindings, searchPath: [`${projectRoot}/configs`, projectRoot] });
	const spell = speller(await open([]), experiment);
	const points = product(...experiment.variants[variant]!);
	const folder = variantFolder(experiment, variant);
	const jobs: Array<PlannedJob & { readonly point: Point; readonly texts: Record<string, string> }> = [];
	let decides: ReturnType<typeof whatDecides> | undefined;
	for (const point of points) {
		const texts = Object.fromEntries(Object.entries(point).map(([key, value]) => [key, spell(key, value).text]));
		const bindings = Object.entries(point).map(([key, value]) => spell(key, value).binding);
		const config = await open(bindings);
		const checked = checkPoint(config, roots, `${experiment.name} ${variant}, ${titleOf(texts)}`);
		refuseSecrets(checked, experiment.name);
		decides ??= whatDecides(experiment, config);
		const operative = operativeOf(checked.reached.nodes, checked.lookup);
		const header = [`${experiment.name}, variant ${variant}: ${titleOf(texts)}`, experiment.question];
		const text = completeConfig(withoutMachine(checked), checked.lookup, { plugins: config.plugins, header });
		jobs.push({ id: jobId(operative), key: pointKey(point), operative, config: text, point, texts });
	}
	refuseEqual(jobs, experiment.name);
	const manifest: Manifest = {
		schema: 'gimlet.manifest/1',
		experiment: experiment.name,
		variant,
		question: experiment.question,
		...(decides ?? { metric: experiment.metric ?? 'valid/loss', direction: experiment.direction ?? null }),
		axes: [...new Set(points.flatMap((point) => Object.keys(point)))],
		baseline:
			experiment.baseline === undefined
				? null
				: Object.fromEntries(Object.entries(experiment.baseline).map(([key, value]) => [key, spell(key, value).text])),
		jobs: jobs.map(({ id, point, texts }) => ({ id, point, texts, config: configOf(id), run: runOf(id) })),
	};
	const script = batchScript(
		{
			title: `${experiment.name}, variant ${variant}`,
			question: experiment.question,
			prepared: typedCommand(['bin/experiment.ts', experiment.name, 'prepare', variant]),
		},
		jobs.map(({ id, texts }) => ({
			title: titleOf(texts),
			words: [join(projectRoot, 'bin/train.ts'), join(folder, runOf(id)), join(folder, configOf(id))],
		})),
	);
	return { folder, manifest, jobs, script };
}

const configOf = (id: string) => `${variantFiles.configs}/${id}.gin`;
const runOf = (id: string) => `${variantFiles.runs}/${id}`;

function titleOf(texts: Readonly<Record<string, string>>): string {
	return Object.entries(texts)
		.map(([key, text]) => `${key} = ${text}`)
		.join(', ');
}

type Speller = (key: string, value: AxisValue) => { readonly text: string; readonly binding: string };

/** Writes values as the config language does; a key that nothing has is a UsageError with the nearest name. */
function speller(template: Configuration, { name }: Experiment): Speller {
	const { catalog } = template;
	return (key, value) => {
		const target = key.startsWith('%') ? key.slice(1) : key;
		const type = key.startsWith('%') ? ({ type: 'any' } as const) : parameterType(key);
		if (isGinText(value)) {
			return { text: value.gin, binding: `${target} = ${value.gin}` };
		}
		const converted = fromPlain(value, type);
		return { text: printValue(converted), binding: printBinding(target, converted) };
	};

	function parameterType(key: string) {
		const parsed = requireKey(key);
		const component = catalog.component(parsed.selector);
		if (component === undefined) {
			const known = catalog.names().flatMap((one) => [one]);
			throw new UsageError(
				'experiment.unknown_key',
				`${name}: the axis "${key}" names no component "${parsed.selector}" with a parameter.${didYouMean(parsed.selector, known)}`,
			);
		}
		const parameter = parameterOf(component, parsed.parameter);
		if (parameter === undefined) {
			const names = component.parameters.map((known) => known.name);
			throw new UsageError(
				'experiment.unknown_key',
				`${name}: the axis "${key}": ${component.name} has no parameter "${parsed.parameter}".${didYouMean(parsed.parameter, names)}`,
			);
		}
		return parameter.type;
	}
}

function checkPoint(config: Configuration, roots: readonly string[], title: string): Checked {
	try {
		return config.finalize(roots);
	} catch (error) {
		if (!(error instanceof ConfigError)) {
			throw error;
		}
		throw new ConfigError([placeless('experiment.point', `${title}:`), ...error.problems]);
	}
}

// What the machine decides is left to the machine that trains, unless the experiment says otherwise.
function withoutMachine({ reached }: Checked): Checked['reached'] {
	const nodes = reached.nodes.map((node) =>
		node.component.name === 'device' || node.component.name === 'train'
			? {
					...node,
					parameters: node.parameters.filter(
						({ bound, parameter }) =>
							bound !== undefined || (node.component.name === 'train' && parameter.name !== 'data_dir'),
					),
				}
			: node,
	);
	return { ...reached, nodes };
}

// The configs of jobs are files like any other: what they need to run must stand in them, and a secret must not.
function refuseSecrets({ reached, lookup }: Checked, name: string): void {
	const lost = new Secrets(reached.nodes, lookup).withheld.filter(({ isLost }) => isLost);
	if (lost.length > 0) {
		const paths = lost.map(({ path }) => path).join(', ');
		throw new UsageError(
			'experiment.secret',
			`${name}: ${paths} would be written into the config of every job, and its name says that it is a secret. Bind it to env('NAME').`,
		);
	}
}

function refuseEqual(
	jobs: ReadonlyArray<{ readonly id: string; readonly texts: Readonly<Record<string, string>> }>,
	name: string,
): void {
	const seen = new Map<string, number>();
	for (const [at, { id, texts }] of jobs.entries()) {
		const first = seen.get(id);
		if (first !== undefined) {
			throw new UsageError(
				'experiment.equal_points',
				`${name}: points ${first + 1} and ${at + 1} are the same run (${titleOf(texts)}). Leave one out.`,
			);
		}
		seen.set(id, at);
	}
}
