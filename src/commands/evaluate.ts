import { relative, resolve } from 'node:path';
import { EnvironmentError, RefusedError, UsageError } from '../core/errors.ts';
import { largest } from '../core/extremes.ts';
import { didYouMean } from '../core/suggest.ts';
import { visible } from '../core/visible.ts';
import type { Logs } from '../train/contracts/callback.ts';
import type { Program } from './main.ts';
import { printJson, say } from './output.ts';
import { addCodeOptions, type CodeOptions, collect, openRunConfig } from './training-config.ts';

interface EvaluateOptions extends CodeOptions {
	readonly checkpoint?: string;
	readonly split: 'valid' | 'test';
	readonly json?: boolean;
	readonly binding: readonly string[];
	readonly dataDir?: string;
	readonly allowDataChange?: boolean;
}

/** `bin/evaluate.ts`: losses and metrics of a checkpoint, from the run folder alone. */
export const evaluate: Program = {
	name: 'evaluate',
	define(command, io) {
		command
			.description('Evaluate a checkpoint of a run, from its folder and the data alone.')
			.argument('<run>', 'a run folder')
			.option(
				'--checkpoint <name>',
				'best, last, init or another one in checkpoints/ (default: the one tested at the end)',
			)
			.option('--split <name>', 'valid or test', splitName, 'test')
			.option('--json', 'print JSON')
			.option(
				'-b, --binding <bindings>',
				"bindings that win over the run's, such as where data are now; may repeat",
				collect,
				[],
			)
			.option('--data-dir <folder>', 'where prepared data are now: train.data_dir')
			.option('--allow-data-change', 'evaluate although the data are not those of the run');
		addCodeOptions(command);
		command.action(async (run: string, options: EvaluateOptions) => {
			const tell = (text: string) => say(io, text);
			const { stopEngine } = await import('../engine/backend.ts');
			try {
				const { metrics, path } = await evaluateRun(resolve(run), run, options, tell);
				if (options.json) {
					printJson(io, await shownNumbers(metrics));
				} else {
					io.stdout.write(table(metrics));
				}
				if (path !== undefined) {
					tell(`written: ${relative(process.cwd(), path)}`);
				}
			} finally {
				await stopEngine();
			}
		});
	},
};

async function evaluateRun(
	folder: string,
	shown: string,
	options: EvaluateOptions,
	tell: (text: string) => void,
): Promise<{ readonly metrics: Logs; readonly path: string | undefined }> {
	const { inspectFolder } = await import('../run/folder.ts');
	if (inspectFolder(folder).kind !== 'run') {
		throw new UsageError('evaluate.no_run', `${shown} is no run folder: it holds no status.json of gimlet.`);
	}
	const { requireUsable } = await import('../run/usable.ts');
	requireUsable(folder);
	const { config, checked } = await openRunConfig(folder, options, await bindingsOf(options));
	const { Checkpoints } = await import('./training/checkpoints.ts');
	const checkpoints = new Checkpoints(folder);
	const name = chooseCheckpoint(checkpoints.names(), shown, options.checkpoint);
	const { build, limitsOf } = await import('./training/build.ts');
	const { Loop } = await import('../train/loop.ts');
	const { evaluateCheckpoint, writeEvaluation } = await import('./training/outcome.ts');
	const built = await build(config);
	const { parts, loop: settings } = built;
	const { evaluationOrigin, sayOrigin } = await import('./training/evaluation-origin.ts');
	const origin = await evaluationOrigin(folder, config, checked, built);
	if (!options.allowDataChange) {
		refuseOtherData(shown, options.split, origin.data);
	}
	sayOrigin(origin).forEach((line) => void tell(line));
	const loop = new Loop(parts, limitsOf(settings), {
		run: undefined,
		console: { isTTY: false, columns: 80, write: () => {} },
		notice: tell,
		saves: undefined,
		interruption: { requested: () => false },
	});
	const evaluation = await evaluateCheckpoint(checkpoints, name, options.split, loop, parts);
	const { size } = parts.data.splits[options.split];
	tell(
		`${shown}: checkpoint ${name} (epoch ${evaluation.epoch}, step ${evaluation.step}), ${size} ${options.split} examples`,
	);
	const path = whereAllowed(() => writeEvaluation(folder, options.split, name, evaluation, size, origin), tell);
	return { metrics: evaluation.metrics, path };
}

async function bindingsOf({ binding, dataDir }: EvaluateOptions): Promise<string[]> {
	const { printBinding } = await import('../gin/printer.ts');
	const place = dataDir === undefined ? undefined : ({ type: 'string', value: resolve(dataDir) } as const);
	return [...binding, ...(place === undefined ? [] : [printBinding('train.data_dir', place)])];
}

// What the other splits hold does not matter to the figures; what was learned from them does, and is in the checkpoint.
function refuseOtherData(run: string, split: string, changes: readonly string[]): void {
	const others = ['train', 'valid', 'test'].filter((name) => name !== split).map((name) => `data.splits.${name}.`);
	const relevant = changes.filter(
		(change) => !change.startsWith('data.provenance') && !others.some((other) => change.startsWith(other)),
	);
	if (relevant.length > 0) {
		throw new RefusedError('evaluate.other_data', [
			`${run} was trained and tested on other data:`,
			...relevant.map((change) => `  ${change}`),
			'--data-dir and -b say where its data are; --allow-data-change evaluates all the same.',
		]);
	}
}

// Of a run that may only be read, or on a full disk, the figures are known all the same.
function whereAllowed(write: () => string, tell: (text: string) => void): string | undefined {
	try {
		return write();
	} catch (error) {
		if (!(error instanceof EnvironmentError)) {
			throw error;
		}
		tell(`not written: ${error.message}`);
		return undefined;
	}
}

function chooseCheckpoint(names: readonly string[], run: string, wanted: string | undefined): string {
	const name = wanted ?? ['best', 'last', 'init'].find((candidate) => names.includes(candidate));
	if (name === undefined) {
		throw new RefusedError('evaluate.no_checkpoint', `${run} has no checkpoint yet.`);
	}
	if (!names.includes(name)) {
		throw new UsageError(
			'evaluate.checkpoint',
			`${run} has no checkpoint "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
		);
	}
	return name;
}

async function shownNumbers(metrics: Logs): Promise<Record<string, number | string>> {
	const { jsonNumbers } = await import('./training/outcome.ts');
	return jsonNumbers(metrics);
}

function table(metrics: Logs): string {
	const width = largest(Object.keys(metrics).map((name) => visible(name).length));
	return Object.entries(metrics)
		.map(([name, value]) => `${visible(name).padEnd(width)}  ${value}\n`)
		.join('');
}

function splitName(value: string): 'valid' | 'test' {
	if (value !== 'valid' && value !== 'test') {
		throw new UsageError(
			'evaluate.split',
			`--split ${value}: it must be valid or test.${didYouMean(value, ['valid', 'test'])}`,
		);
	}
	return value;
}
