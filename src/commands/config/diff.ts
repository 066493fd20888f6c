import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { diffConfigs, differenceBindings, showDifference } from '../../registry/difference.ts';
import type { Operative } from '../../registry/operative.ts';
import type { Io } from '../main.ts';
import { printJson } from '../output.ts';
import type { ConfigOptions } from '../training-config.ts';
import { effectiveConfig } from './effective.ts';
import { recordedConfig } from './recorded.ts';

/** Prints where two configs or runs differ in meaning; nothing where they do not. */
export async function diffSides(
	a: string,
	b: string,
	options: ConfigOptions & { readonly json?: boolean; readonly asBindings?: boolean },
	io: Pick<Io, 'stdout'>,
): Promise<ExitCode> {
	const [before, after] = [await side(a, options), await side(b, options)];
	const differences = diffConfigs(before, after);
	if (differences.length === 0) {
		return exitCodes.ok;
	}
	if (options.asBindings) {
		io.stdout.write(
			differenceBindings(differences, after)
				.map((line) => `${visible(line)}\n`)
				.join(''),
		);
	} else if (options.json) {
		printJson(io, differences);
	} else {
		io.stdout.write(differences.map((difference) => `${visible(showDifference(difference))}\n`).join(''));
	}
	return exitCodes.other;
}

// A run is compared by what it recorded: its plug-ins may not exist here any more.
async function side(path: string, options: ConfigOptions): Promise<Operative> {
	const recorded = recordedConfig(path);
	if (recorded === undefined) {
		return (await effectiveConfig([path], options)).operative;
	}
	if (recorded.operative !== undefined) {
		return recorded.operative;
	}
	// A folder is a run, whatever of it is missing.
	return (await effectiveConfig([recorded.config], { ...options, record: path })).operative;
}
