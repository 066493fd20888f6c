import { shellCommand, shellQuote, typedCommand } from '../core/shell-quote.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { runPath } from './paths.ts';

/** The command that repeats a run from any directory: goes to `cwd`, then runs `argv`. */
export function rerunCommand(argv: readonly string[], cwd: string): string {
	return `${typedCommand(['cd', '--', cwd])} && ${typedCommand(argv)}`;
}

/** Writes the executable `command.sh`; its arguments are added to those of the run. */
export function writeCommandScript(folder: string, argv: readonly string[], cwd: string): void {
	const script = `#!/bin/sh\n# Repeats this run, from any directory.\ncd -- ${shellQuote(cwd)} || exit 1\nexec ${shellCommand(argv)} "$@"\n`;
	writeFileAtomic(runPath(folder, 'command'), script, 0o777);
}
