import { printPath, say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { resultsDir } from './places.ts';

/** `runs rm`: moves runs to the trash of the results folder. */
export const defineRm: DefineRuns = (command, io) => {
	command
		.command('rm')
		.description('Move runs of the results folder to .trash inside it; never one that is running or kept.')
		.argument('<runs...>', 'run folders, or their names inside the results folder')
		.option('--dry-run', 'say what would be moved, move nothing')
		.action(async (names: string[], options: { readonly dryRun?: boolean }) => {
			const { planRemoval, trash } = await import('../../results/trash.ts');
			// Every name is checked before the first folder moves.
			const folders = names.map((name) => planRemoval(name, resultsDir()));
			for (const folder of folders) {
				printPath(io, options.dryRun ? folder : trash(folder, resultsDir()));
			}
			say(io, options.dryRun ? 'dry run: nothing was moved' : `moved to the trash: ${folders.length}`);
		});
};
