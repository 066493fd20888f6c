import { say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { searchRoot } from './places.ts';

/** `runs reindex`: reads every folder anew. */
export const defineReindex: DefineRuns = (command, io) => {
	command
		.command('reindex')
		.description(
			'Read every run anew and rewrite the index (.gimlet-index.json), a cache that may be deleted at any time.',
		)
		.argument('[folder]', 'where to look (default: $RESULTS_DIR, else results/)')
		.action(async (folder: string | undefined) => {
			const root = searchRoot(folder);
			const { findRuns } = await import('../../results/find-runs.ts');
			const { rows, problems } = await findRuns(root, { rebuild: true });
			problems.forEach((problem) => void say(io, problem));
			say(io, `${root}: ${rows.length} ${rows.length === 1 ? 'run' : 'runs'} read`);
		});
};
