import { exitCodes } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { printJson, say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { runFolder } from './places.ts';

/** `runs verify`: every checksum, schema, row and record of run folders. */
export const defineVerify: DefineRuns = (command, io) => {
	command
		.command('verify')
		.description('Check run folders against docs/run-folder.md: checksums, schemas, rows, records.')
		.argument('<runs...>', 'run folders')
		.option('--json', 'print JSON: problems, notes and the number of files of each run')
		.option('--quiet', 'print problems only')
		.action(async (names: string[], options: { readonly json?: boolean; readonly quiet?: boolean }) => {
			const { verifyRun } = await import('../../run/verify.ts');
			const results: Record<string, ReturnType<typeof verifyRun>> = {};
			for (const folder of names.map(runFolder)) {
				const found = verifyRun(folder);
				results[folder] = found;
				if (found.problems.length > 0) {
					io.exitCode = exitCodes.other;
				}
				if (!options.json) {
					found.problems.forEach((problem) => void io.stdout.write(`${visible(problem)}\n`));
				}
				if (!options.json && !options.quiet) {
					found.notes.forEach((note) => void say(io, `note: ${note}`));
					say(io, `${folder}: ${found.files} files checked, ${found.problems.length} problems`);
				}
			}
			if (options.json) {
				printJson(io, results);
			}
		});
};
