import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { prepareImports } from '../registry/plugins.ts';
import { experimentProgram } from './experiment/program.ts';
import { main, type Program, run } from './main.ts';

const experimentsFolder = fileURLToPath(new URL('../../experiments', import.meta.url));

/** `bin/experiment.ts NAME prepare|status|report [VARIANT]`: any experiment by name, from anywhere. */
export const experiment: Program = {
	name: 'experiment',
	define(command, io) {
		command
			.description(`Prepare, watch and report experiments. Known: ${experimentNames().join(', ') || 'none'}.`)
			.argument('<name>', 'the folder below experiments/, or the path of a main.ts')
			.argument('[arguments...]', 'prepare, status or report, and the variant')
			.passThroughOptions()
			.action(async (name: string, rest: string[]) => {
				io.exitCode = await run(
					experimentProgram(await loadExperiment(name)),
					rest.length === 0 ? ['--help'] : rest,
					io,
				);
			});
	},
};

/** The last line of an experiment's main.ts: runs the experiment where that file is the program, and only there. */
export async function runIfMain(url: string, described: Experiment): Promise<void> {
	const program = process.argv[1];
	if (program !== undefined && existsSync(program) && realpathSync(program) === realpathSync(fileURLToPath(url))) {
		await main(experimentProgram(described));
	}
}

async function loadExperiment(name: string): Promise<Experiment> {
	const file = name.endsWith('.ts') ? name : join(experimentsFolder, name, 'main.ts');
	if (!existsSync(file)) {
		const names = experimentNames();
		throw new UsageError(
			'experiment.unknown',
			`There is no experiment "${name}".${didYouMean(name, names)} There are: ${names.join(', ')}.`,
		);
	}
	await prepareImports();
	const module = (await import(pathToFileURL(realpathSync(file)).href)) as { readonly experiment?: Experiment };
	if (module.experiment?.variants === undefined) {
		throw new UsageError('experiment.export', `${file} must export "experiment", made by defineExperiment.`);
	}
	return module.experiment;
}

function experimentNames(): string[] {
	return existsSync(experimentsFolder)
		? readdirSync(experimentsFolder)
				.filter((name) => existsSync(join(experimentsFolder, name, 'main.ts')))
				.sort()
		: [];
}
