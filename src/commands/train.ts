import { resolve } from 'node:path';
import { type Chaos, parseChaos } from '../files/chaos.ts';
import type { Program } from './main.ts';
import { lastingCommand } from './training/lasting-command.ts';
import { addConfigOptions, type ConfigOptions, openTrainingConfig } from './training-config.ts';

interface TrainOptions extends ConfigOptions {
	readonly dryRun?: boolean;
	readonly smoke?: boolean;
	readonly auto?: boolean;
	readonly forceNew?: boolean;
	readonly allowConfigChange?: boolean;
	readonly steal?: boolean;
	readonly chaos: readonly Chaos[];
}

/** `bin/train.ts`: trains a config into a run folder, or continues what is there. */
export const train: Program = {
	name: 'train',
	define(command, io) {
		command
			.description('Train a config into a run folder. The same command again continues an unfinished run.')
			.argument('<save_to>', 'the run folder')
			.argument('<config...>', '.gin files, later ones win')
			.option('--dry-run', 'build everything and push one batch through every part; create nothing')
			.option('--smoke', 'the whole life of a run in seconds: a few batches, interrupted, continued, tested')
			.option('--auto', 'save to a new folder below save_to: version_0, version_1, …')
			.option('--force-new', 'move a run that is in the folder aside first')
			.option('--allow-config-change', 'continue a run although its config differs')
			.option('--steal', 'take the folder from a process that seems to use it')
			.option(
				'--chaos <fault>',
				'cause a fault, to test callbacks of your own: kill@step=37, kill@write=12 …; may repeat',
				(text, all) => [...all, parseChaos(text)],
				[] as Chaos[],
			);
		addConfigOptions(command);
		command.action(async (saveTo: string, files: string[], options: TrainOptions) => {
			const say = (text: string) => void process.stderr.write(`${text}\n`);
			const { config, checked } = await openTrainingConfig(files, options);
			checked.notices.forEach(say);
			if (options.dryRun) {
				const { dryRun } = await import('./training/dry-run.ts');
				await dryRun(config, say);
				return;
			}
			const { stopEngine } = await import('../engine/backend.ts');
			const { giveBackVersion, reserveVersion } = await import('../run/version.ts');
			const chosen = options.auto ? reserveVersion(saveTo) : saveTo;
			process.argv.splice(2, Number.POSITIVE_INFINITY, ...lastingCommand(process.argv.slice(2), saveTo, chosen));
			try {
				if (options.smoke) {
					const { smoke } = await import('./training/smoke.ts');
					io.exitCode = await smoke(resolve(chosen), files, options, say);
					return;
				}
				const { runSession } = await import('./training/session.ts');
				const { exitCode, end } = await runSession(resolve(chosen), config, checked, options, say);
				io.exitCode = exitCode;
				if (end === 'finished' || end === 'complete') {
					io.stdout.write(`${chosen}\n`);
					say(`next: bin/evaluate.ts ${chosen}`);
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
