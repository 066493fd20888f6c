import { existsSync, readdirSync } from 'node:fs';
import { type ExitCode, RefusedError } from '../../core/errors.ts';
import { type ConfigOptions, openTrainingConfig } from '../training-config.ts';
import { runSession } from './session.ts';

type Say = (text: string) => void;

/** The limits of a smoke run: enough for every part to have its turn. */
const bindings = [
	'training_loop.n_epochs = 2',
	'training_loop.limit_train_batches = 2',
	'training_loop.limit_evaluation_batches = 2',
].join(' # ');

/** The whole life of a run in seconds: two short epochs, interrupted in the middle of the first, continued, tested. */
export async function smoke(
	folder: string,
	files: readonly string[],
	options: ConfigOptions,
	say: Say,
): Promise<ExitCode> {
	if (existsSync(folder) && readdirSync(folder).length > 0) {
		throw new RefusedError('run.exists', `${folder} is not empty: a smoke run needs a folder of its own.`);
	}
	const limited = { ...options, binding: [...options.binding, bindings] };
	const session = async (lastStep?: number) => {
		const { config, checked } = await openTrainingConfig(files, limited);
		return runSession(folder, config, checked, lastStep === undefined ? {} : { lastStep }, say);
	};
	say('smoke run: 2 epochs of 2 batches, interrupted after the first batch');
	await session(1);
	say('smoke run: the same command again');
	const { exitCode } = await session();
	say('smoke run: trained, interrupted, continued, tested.');
	return exitCode;
}
