import { join, resolve } from 'node:path';
import { visible } from '../core/visible.ts';
import type { Data, Dataset } from '../train/contracts/data.ts';
import type { Io, Program } from './main.ts';
import { printPath, say } from './output.ts';
import { dataDir, loadComponents, openConfig } from './training-config.ts';

interface PrepareOptions {
	readonly from?: string;
	readonly dataDir?: string;
	readonly list?: boolean;
	readonly binding: readonly string[];
	readonly plugin: readonly string[];
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

/** `bin/prepare.ts`: makes a data set ready to be loaded, and lists its splits. */
export const prepare: Program = {
	name: 'prepare',
	define(command, io) {
		command
			.description('Fetch or import the files of a data set, verify them, and list its splits.')
			.argument('[name]', 'the data set')
			.option('--from <path>', 'take the files from a folder, a file or a tar archive, plain or gzip')
			.option('--data-dir <folder>', 'instead of $DATA_DIR')
			.option('--list', 'list the data sets and whether they are ready')
			.option('-b, --binding <bindings>', 'parameters of the data set; may repeat', collect, [])
			.option('--plugin <file>', 'a TypeScript file with components of your own; may repeat', collect, [])
			.action(async (name: string | undefined, options: PrepareOptions) => {
				const folder = resolve(options.dataDir ?? dataDir());
				if (options.list === true) {
					await list(folder, options, io);
				} else if (name === undefined) {
					const { UsageError } = await import('../core/errors.ts');
					throw new UsageError('usage', 'Which data set? prepare --list shows them.');
				} else {
					await prepareOne(name, folder, options, io);
				}
			});
	},
};

async function prepareOne(name: string, folder: string, options: PrepareOptions, io: Io): Promise<void> {
	const dataset = await datasetNamed(name, options);
	if (dataset.files.length > 0) {
		const { prepareFiles } = await import('../data/prepare.ts');
		const isNew = await prepareFiles(name, folder, dataset.files, {
			...(options.from === undefined ? {} : { from: resolve(options.from) }),
			mirrors: (process.env['GIMLET_MIRRORS'] ?? '').split(',').filter((mirror) => mirror !== ''),
			onNotice: (text) => say(io, text),
			onProgress: (await import('./transfer-line.ts')).transferLine((text) => say(io, text)),
		});
		say(io, isNew ? `${name}: prepared and verified` : `${name}: already prepared, verified again`);
	} else {
		say(io, `${name}: nothing to prepare, it needs no files`);
	}
	const { Streams } = await import('../core/random.ts');
	splitLines(await dataset.load({ dataDir: folder, streams: new Streams(0) })).forEach((line) => void say(io, line));
	if (dataset.files.length > 0) {
		printPath(io, join(folder, name));
	}
}

async function list(folder: string, options: PrepareOptions, io: Io): Promise<void> {
	await loadComponents();
	await openConfig([], { binding: options.binding, use: new Map(), plugin: options.plugin });
	const { declared } = await import('../registry/registry.ts');
	for (const name of declared.names('dataset')) {
		io.stdout.write(`${visible(name)}\t${visible(await standing(name, folder, options))}\n`);
	}
}

async function standing(name: string, folder: string, options: PrepareOptions): Promise<string> {
	const { UsageError } = await import('../core/errors.ts');
	const { flaw } = await import('../data/files.ts');
	try {
		const { files } = await datasetNamed(name, options);
		const isReady = files.every((file) => flaw(join(folder, name), file) === undefined);
		return files.length === 0 ? 'built in' : isReady ? 'ready' : 'not prepared';
	} catch (error) {
		// One that must be told something is no reason to hide the others.
		if (error instanceof UsageError) {
			return error.message.split('\n')[0]!;
		}
		throw error;
	}
}

async function datasetNamed(name: string, options: PrepareOptions): Promise<Dataset> {
	const config = await openConfig([], { binding: options.binding, use: new Map(), plugin: options.plugin });
	const { declared } = await import('../registry/registry.ts');
	declared.get(name, 'dataset');
	config.finalize([name], { allowUnused: true });
	return config.resolve<Dataset>(name);
}

function splitLines({ spec, splits }: Data): string[] {
	const { target } = spec;
	return Object.entries(splits).map(([name, { size, targets }]) => {
		const counts = target.type === 'class' ? `  per class: ${countsOf(targets, target.classes)}` : '';
		return `${name.padEnd(5)}  ${String(size).padStart(6)} examples${counts}`;
	});
}

function countsOf(targets: ArrayLike<number>, classes: number): string {
	const counts = new Array<number>(classes).fill(0);
	for (let i = 0; i < targets.length; i += 1) {
		counts[targets[i]!]! += 1;
	}
	return counts.join(' ');
}
