import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ExitCode, exitCodes, UsageError } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { diffConfigs, showDifference } from '../../registry/difference.ts';
import type { Operative } from '../../registry/operative.ts';
import { readRecord } from '../../run/layouts.ts';
import type { Io } from '../main.ts';
import { printJson } from '../output.ts';
import type { ConfigOptions } from '../training-config.ts';
import { effectiveConfig } from './effective.ts';

/** Prints where two configs or runs differ in meaning; nothing where they do not. */
export async function diffSides(
	a: string,
	b: string,
	options: ConfigOptions & { readonly json?: boolean },
	io: Pick<Io, 'stdout'>,
): Promise<ExitCode> {
	const differences = diffConfigs(await side(a, options), await side(b, options));
	if (differences.length === 0) {
		return exitCodes.ok;
	}
	if (options.json) {
		printJson(io, differences);
	} else {
		io.stdout.write(differences.map((difference) => `${visible(showDifference(difference))}\n`).join(''));
	}
	return exitCodes.other;
}

// A run is compared by what it recorded: its plug-ins may not exist here any more.
async function side(path: string, options: ConfigOptions): Promise<Operative> {
	if (!existsSync(path) || !statSync(path).isDirectory()) {
		return (await effectiveConfig([path], options)).operative;
	}
	const recorded = readRecord(path, 'operative') as Operative | undefined;
	if (recorded !== undefined) {
		return recorded;
	}
	const config = join(path, 'config.gin');
	if (!existsSync(config)) {
		throw new UsageError('config.no_run', `"${path}" is no run folder: it has neither operative.json nor config.gin.`);
	}
	// A folder is a run, whatever of it is missing.
	return (await effectiveConfig([config], { ...options, record: path })).operative;
}
