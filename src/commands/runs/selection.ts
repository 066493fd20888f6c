import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Fields } from '../../results/fields.ts';

/** Options of the subcommands that take many runs. */
export interface SelectionOptions {
	readonly state: readonly string[];
	readonly where: readonly string[];
	readonly sort?: string;
	readonly index: boolean;
}

const states = ['prepared', 'running', 'stale', 'finished', 'failed', 'interrupted', 'diverged', 'partial', 'unknown'];

/** Adds `--state`, `--where`, `--sort` and `--no-index`. */
export function addSelection(command: Command): Command {
	return command
		.option('--state <states>', `only these, separated by commas: ${states.join(', ')}`, collectStates, [])
		.option(
			'--where <condition>',
			'only runs with, for example, adam.learning_rate<0.01, test/accuracy>=0.97 or run~cnn; may repeat, all must hold',
			(value: string, all: readonly string[]) => [...all, value],
			[],
		)
		.option('--sort <name>', 'by a column, a metric or a config value; -name turns the order round')
		.option('--no-index', 'read every folder; neither use nor write the index');
}

/** The runs below a folder that were asked for. What could not be read is said. */
export async function selectedRuns(
	root: string,
	options: SelectionOptions,
	say: (text: string) => void,
): Promise<{ readonly selected: Fields[]; readonly all: Fields[] }> {
	const { findRuns } = await import('../../results/find-runs.ts');
	const [{ Fields }, { parseCondition, selectRuns }, { loadC }] = await Promise.all([
		import('../../results/fields.ts'),
		import('../../results/select.ts'),
		import('../../results/run-config.ts'),
	]);
	const where = options.where.map(parseCondition);
	const { rows, problems } = await findRuns(root, { index: options.index });
	problems.forEach(say);
	const configOf = (run: string) => {
		const config = loadC(`${root}/${run}`);
		if (config.problem !== undefined) {
			say(config.problem);
		}
		return config;
	};
	const all = rows.map((row) => new Fields(row, () => configOf(row.run)));
	const selected = selectRuns(all, {
		where,
		...(options.state.length === 0 ? {} : { states: options.state }),
		...(options.sort === undefined ? {} : { sort: options.sort }),
	});
	return { selected, all };
}

function collectStates(value: string, all: readonly string[]): string[] {
	const given = value.split(',').map((state) => state.trim());
	for (const state of given) {
		if (!states.includes(state)) {
			throw new UsageError(
				'runs.state',
				`--state ${state}: there is no such state.${didYouMean(state, states)} There are: ${states.join(', ')}.`,
			);
		}
	}
	return [...all, ...given];
}
