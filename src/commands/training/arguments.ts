import { Command, Option } from 'commander';
import { type Chaos, parseChaos } from '../../files/chaos.ts';
import { checkValues } from '../arguments.ts';
import { addConfigOptions, type ConfigOptions } from '../training-config.ts';

/** The options of `train`. */
export interface TrainOptions extends ConfigOptions {
	readonly dryRun?: boolean;
	readonly smoke?: boolean;
	readonly auto?: boolean;
	readonly forceNew?: boolean;
	readonly allowConfigChange?: boolean;
	readonly steal?: boolean;
	readonly chaos: readonly Chaos[];
	/** The command comes from the record of the run, not from the user. */
	readonly fromRecord?: boolean;
}

/** Adds the arguments and options of `train` to a command. */
export function defineTrainArguments(command: Command): void {
	command
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
		)
		.addOption(new Option('--from-record').hideHelp());
	addConfigOptions(command);
}

/** Refuses options that say the contrary of each other, or that would count for nothing beside another. */
export function refuseContradictions(command: Command): void {
	const contradicting: Readonly<Record<string, string[]>> = {
		'--dry-run': ['chaos'],
		'--smoke': ['dryRun', 'auto', 'forceNew', 'allowConfigChange', 'steal', 'chaos'],
	};
	for (const option of command.options) {
		option.conflicts(contradicting[option.long ?? ''] ?? []);
	}
}

/** A command of `train`, understood. */
export interface TrainCommand {
	readonly saveTo: string;
	readonly files: readonly string[];
	readonly options: TrainOptions;
}

/** Reads the words after the program's name as `train` would; undefined where it would refuse them. Nothing is done. */
export function parseTrainCommand(words: readonly string[]): TrainCommand | undefined {
	const command = new Command().exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
	defineTrainArguments(command);
	checkValues(command);
	let found: TrainCommand | undefined;
	command.action((saveTo: string, files: string[], options: TrainOptions) => {
		found = { saveTo, files, options };
	});
	try {
		command.parse(words, { from: 'user' });
	} catch {
		return undefined;
	}
	return found;
}
