import { resolve } from 'node:path';
import { nearPath } from '../core/near-path.ts';
import { operand } from '../core/shell-quote.ts';
import { doorCommand } from './door.ts';
import type { Program } from './main.ts';
import { printPath, say } from './output.ts';
import { defineTrainArguments, refuseContradictions, type TrainOptions } from './training/arguments.ts';
import { lastingCommand } from './training/lasting-command.ts';
import { openTrainingConfig } from './training-config.ts';

/** `bin/train.ts`: trains a config into a run folder, or continues what is there. */
export const train: Program = {
	name: 'train',
	define(command, io) {
		command.description('Train a config into a run folder. The same command again continues an unfinished run.');
		defineTrainArguments(command);
		refuseContradictions(command);
		command.action(async (saveTo: string, files: string[], options: TrainOptions) => {
			const tell = (text: string) => say(io, text);
			const isNew = options.auto || options.forceNew || options.smoke;
			const { config, checked } = await openTrainingConfig(
				files,
				{ ...options, ...(options.fromRecord ? { record: resolve(saveTo) } : {}) },
				isNew ? undefined : saveTo,
			);
			checked.notices.forEach(tell);
			const { stopEngine } = await import('../engine/backend.ts');
			const { giveBackVersion, nextVersion, reserveVersion } = await import('../run/version.ts');
			if (options.dryRun) {
				const { dryRun } = await import('./training/dry-run.ts');
				await dryRun(resolve(options.auto ? nextVersion(saveTo) : saveTo), config, checked, options, tell);
				return;
			}
			if (options.smoke) {
				const { smoke } = await import('./training/smoke.ts');
				io.exitCode = await smoke(resolve(saveTo), files, options, tell).finally(stopEngine);
				return;
			}
			const chosen = options.auto ? reserveVersion(saveTo) : saveTo;
			process.argv.splice(2, Number.POSITIVE_INFINITY, ...lastingCommand(process.argv.slice(2), saveTo, chosen));
			try {
				const { runSession } = await import('./training/session.ts');
				const { exitCode, end } = await runSession(resolve(chosen), config, checked, options, tell);
				io.exitCode = exitCode;
				if (end === 'finished' || end === 'complete') {
					printPath(io, chosen);
					const code = config.plugins.flatMap(({ path }) => ['--plugin', nearPath(path)]);
					tell(`next: ${doorCommand('evaluate', operand(chosen), ...code)}`);
				}
			} finally {
				if (options.auto) {
					giveBackVersion(chosen);
				}
				await stopEngine();
			}
		});
	},
};
