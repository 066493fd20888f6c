import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Meta } from '../../run/meta.ts';
import { runPath } from '../../run/paths.ts';
import { parseTrainCommand, type TrainCommand } from '../training/arguments.ts';
import type { CodeOptions } from '../training-config.ts';

/** What a run's record says of the way to continue it: configs and bindings, and no program. */
export interface RecordedCommand {
	readonly cwd: string;
	readonly files: readonly string[];
	readonly options: Pick<
		TrainCommand['options'],
		'binding' | 'use' | 'plugin' | 'allowUnused' | 'skipUnknown' | 'skipImports'
	>;
	/** Why it is the run's own config and not the command; undefined where it is the command. */
	readonly notice: string | undefined;
}

/**
 * How to continue the run in `folder` (a whole path), by its record: with the configs and bindings of its last command,
 * else with its own config. Which program the record names does not matter, and of its options only those count that say
 * what to train.
 */
export function recordedCommand(folder: string, meta: Meta | undefined): RecordedCommand {
	const instead = (notice: string | undefined): RecordedCommand => ({
		cwd: process.cwd(),
		files: [runPath(folder, 'config')],
		options: { binding: [], use: new Map(), plugin: [] },
		notice,
	});
	if (meta === undefined) {
		return instead('it has no meta.json that can be read');
	}
	const [program = '', ...words] = meta.argv;
	const command = basename(program) === 'train.ts' ? parseTrainCommand(words) : undefined;
	if (command === undefined) {
		return instead('its meta.json records no command of train');
	}
	// A run that was moved: its command names the old place.
	if (resolve(meta.cwd, command.saveTo) !== folder) {
		return instead(undefined);
	}
	const missing = command.files.find((file) => !existsSync(resolve(meta.cwd, file)));
	if (missing !== undefined) {
		return instead(`${missing}, which it was started with, is no longer there`);
	}
	const { binding, use, plugin, allowUnused, skipUnknown, skipImports } = command.options;
	const options = {
		binding,
		use,
		plugin,
		...(allowUnused === undefined ? {} : { allowUnused }),
		...(skipUnknown === undefined ? {} : { skipUnknown }),
		...(skipImports === undefined ? {} : { skipImports }),
	};
	const cwd = existsSync(meta.cwd) ? meta.cwd : process.cwd();
	return { cwd, files: command.files, options, notice: undefined };
}

/** The words after `train` that continue the run, with the code that may run given as `--plugin`. */
export function trainWords(
	folder: string,
	{ files, options }: RecordedCommand,
	plugins: readonly string[],
	{ allowCodeChange }: Pick<CodeOptions, 'allowCodeChange'>,
): string[] {
	return [
		folder,
		...files,
		...options.binding.flatMap((text) => ['-b', text]),
		...[...options.use].flatMap(([group, choice]) => ['--use', `${group}=${choice}`]),
		...plugins.flatMap((path) => ['--plugin', path]),
		...(options.allowUnused ? ['--allow-unused'] : []),
		...(options.skipUnknown ? ['--skip-unknown'] : []),
		...(options.skipImports ? ['--skip-imports'] : []),
		...(allowCodeChange ? ['--allow-code-change'] : []),
	];
}
