import { join, resolve } from 'node:path';
import { type ExitCode, exitCodes, UsageError } from '../../core/errors.ts';
import type { DefineRuns } from '../runs.ts';
import { runFolder } from './places.ts';

/** `runs resume`: continues runs that were cut off. */
export const defineResume: DefineRuns = (command, io) => {
	command
		.command('resume')
		.description('Continue runs with the command they were started with, one after the other.')
		.argument('<runs...>', 'run folders')
		.option('--dry-run', 'print the commands, run nothing')
		.action(async (names: string[], options: { readonly dryRun?: boolean }) => {
			for (const folder of names.map(runFolder)) {
				const { words, cwd } = await commandOf(resolve(folder));
				const { rerunCommand } = await import('../../run/command-script.ts');
				if (options.dryRun) {
					io.stdout.write(`${rerunCommand(words, cwd)}\n`);
					continue;
				}
				io.exitCode = worse(io.exitCode, await execute(words, cwd));
			}
		});
};

// A run that has been moved is continued from its own complete config: its command names the old place.
async function commandOf(folder: string): Promise<{ readonly words: readonly string[]; readonly cwd: string }> {
	const { readMeta } = await import('../../run/meta.ts');
	const { runPath } = await import('../../run/paths.ts');
	const { projectRoot } = await import('../training-config.ts');
	const meta = readMeta(folder);
	const [, saveTo] = meta?.argv ?? [];
	if (meta !== undefined && saveTo !== undefined && resolve(meta.cwd, saveTo) === folder) {
		return { words: meta.argv, cwd: meta.cwd };
	}
	return { words: [join(projectRoot, 'bin/train.ts'), folder, runPath(folder, 'config')], cwd: process.cwd() };
}

async function execute([program, ...words]: readonly string[], cwd: string): Promise<ExitCode> {
	const { execa } = await import('execa');
	const result = await execa(program!, words, { cwd, stdio: 'inherit', reject: false });
	if (result.exitCode === undefined && result.signal === undefined) {
		throw new UsageError('runs.command', `${program} cannot be run: ${result.shortMessage ?? 'unknown reason'}`);
	}
	return (result.exitCode ?? exitCodes.other) as ExitCode;
}

function worse(a: ExitCode, b: ExitCode): ExitCode {
	return a === exitCodes.ok ? b : a;
}
