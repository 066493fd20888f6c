import { dirname } from 'node:path';
import { shellCommand, shellQuote, typedCommand } from '../core/shell-quote.ts';
import { writeInside } from '../files/writing.ts';
import { runFiles } from './paths.ts';

/** The command that repeats a run from any directory: goes to `cwd`, then runs `argv`. */
export function rerunCommand(argv: readonly string[], cwd: string): string {
	return `${typedCommand(['cd', '--', cwd])} && ${typedCommand(argv)}`;
}

/** What a command needs from the environment. */
export interface ScriptSurroundings {
	/** Variables that get a value where they have none. */
	readonly environment: Readonly<Record<string, string>>;
	/** Variables that whoever runs it has to set. */
	readonly needed: readonly string[];
}

/** Writes the executable `command.sh`, which needs nothing of the environment; its arguments are added to those of the run. */
export function writeCommandScript(
	folder: string,
	argv: readonly string[],
	cwd: string,
	{ environment, needed }: ScriptSurroundings = { environment: {}, needed: [] },
): void {
	const lines = [
		'#!/bin/sh',
		'# Repeats this run, from any directory. Variables that are set stay as they are.',
		`PATH=\${PATH:+$PATH:}${shellQuote(dirname(process.execPath))}`,
		'export PATH',
		...Object.entries(environment).map(([name, value]) =>
			forVariable(name, `${name}=${shellQuote(value)}\nexport ${name}`),
		),
		...needed.map((name) =>
			forVariable(name, `{ echo '${name} is a secret, which the run folder does not hold: set it.' >&2; exit 2; }`),
		),
		`cd -- ${shellQuote(cwd)} || exit 1`,
		`exec ${shellCommand(argv)} "$@"`,
	];
	writeInside(folder, runFiles.command, `${lines.join('\n')}\n`, 0o777);
}

// A config may ask for a variable of any name; a shell has only those that are words.
function forVariable(name: string, otherwise: string): string {
	return /^[A-Za-z_]\w*$/u.test(name)
		? `[ "\${${name}+set}" ] || ${otherwise}`
		: `# No shell can set the variable ${JSON.stringify(name)}.`;
}
