import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ExitCode, exitCodes, UsageError } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { diffConfigs, showDifference } from '../../registry/difference.ts';
import type { Operative } from '../../registry/operative.ts';
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
	const recorded = join(path, 'operative.json');
	if (existsSync(recorded)) {
		return readOperative(recorded);
	}
	const config = join(path, 'config.gin');
	if (!existsSync(config)) {
		throw new UsageError('config.no_run', `"${path}" is no run folder: it has neither operative.json nor config.gin.`);
	}
	return (await effectiveConfig([config], options)).operative;
}

function readOperative(path: string): Operative {
	let parsed: Partial<Operative>;
	try {
		parsed = JSON.parse(readFileSync(path, 'utf8')) as Partial<Operative>;
	} catch (error) {
		const message = `"${path}" is damaged: it is no JSON. The run's config.gin can be compared instead.`;
		throw new UsageError('config.operative_damaged', message, { cause: error });
	}
	if (parsed.schema !== 'gimlet.operative/1' || typeof parsed.components !== 'object') {
		throw new UsageError(
			'config.operative_version',
			`"${path}" has the layout "${String(parsed.schema)}"; this program reads gimlet.operative/1.`,
		);
	}
	return parsed as Operative;
}
