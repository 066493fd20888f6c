import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { makeFolder, removeLeftovers, temporaryName } from '../../files/atomic.ts';
import { inspectFolder, refuseOccupied } from '../../run/folder.ts';
import { writeReport } from '../report/write.ts';
import { type ConfigOptions, openTrainingConfig } from '../training-config.ts';
import { runSession } from './session.ts';

type Say = (text: string) => void;

/** The limits of a smoke run: enough for every part to have its turn. */
const bindings = [
	'training_loop.n_epochs = 2',
	'training_loop.limit_train_batches = 2',
	'training_loop.limit_evaluation_batches = 2',
].join(' # ');

/**
 * The whole life of a run in seconds: two short epochs, interrupted in the middle of the first, continued, tested, reported.
 * It happens in a folder of its own beside the one that was named, and leaves nothing.
 */
export async function smoke(
	folder: string,
	files: readonly string[],
	options: ConfigOptions,
	say: Say,
): Promise<ExitCode> {
	if (inspectFolder(folder).kind !== 'run') {
		refuseOccupied(folder);
	}
	const parent = dirname(folder);
	const made = missingFolders(parent);
	makeFolder(parent);
	removeLeftovers(parent, basename(folder));
	const place = temporaryName(folder);
	try {
		return await live(place, files, options, say);
	} finally {
		rmSync(place, { recursive: true, force: true, maxRetries: 3 });
		made.forEach(removeIfEmpty);
		say('smoke run: nothing is left of it.');
	}
}

async function live(folder: string, files: readonly string[], options: ConfigOptions, say: Say): Promise<ExitCode> {
	const limited = { ...options, binding: [...options.binding, bindings] };
	const session = async (lastStep?: number) => {
		const { config, checked } = await openTrainingConfig(files, limited);
		return runSession(folder, config, checked, lastStep === undefined ? {} : { lastStep }, say);
	};
	say('smoke run: 2 epochs of 2 batches, interrupted after the first batch');
	await session(1);
	say('smoke run: the same command again');
	const { exitCode } = await session();
	if (exitCode === exitCodes.ok) {
		const nowhere = { write: () => {} };
		writeReport([folder], { format: 'text', files: true }, folder, {
			...{ stdout: nowhere, stderr: nowhere, exitCode },
		});
		say('smoke run: trained, interrupted, continued, tested, reported.');
	}
	return exitCode;
}

// Deepest first.
function missingFolders(path: string): string[] {
	return existsSync(path) ? [] : [path, ...missingFolders(dirname(path))];
}

function removeIfEmpty(path: string): void {
	try {
		rmdirSync(path);
	} catch {
		// Somebody uses it meanwhile.
	}
}
