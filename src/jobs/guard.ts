import { basename } from 'node:path';
import { parseShell } from './shell/grammar.ts';

/**
 * What goes before the text of a job, in its shell, so that this does not end before the program in it does: a signal to
 * the whole group ends the shell after the command in progress, whose exit code is the job's.
 *
 * A list of commands has not been done where it ends early, even if the last one of them was content; and 75 asks for
 * another start of all of it. Empty for shells that are no relatives of sh.
 */
export function guardOf(shell: string, command: string): string {
	if (!/^(?:ba|da|k|mk|z|a)?sh$/u.test(basename(shell))) {
		return '';
	}
	const isOne = isOneCommand(command);
	const traps = Object.entries(ended).map(([name, code]) =>
		isOne ? `trap exit ${name}` : `trap 'exit $(($? ? $? : ${code}))' ${name}`,
	);
	// Of several processes in the background none has told yet that it wants another start.
	const again = /\bwait\b/u.test(command) ? 'exit 75' : '[ $? != 75 ] || exit 75';
	return `${[...traps, `trap '${again}' USR1 USR2`].join('; ')}; `;
}

const ended = { TERM: 143, INT: 130, HUP: 129 } as const;

/** Whether the exit code of a line is that of a program: it is one command, and not several of which some may be missing. */
export function isOneCommand(command: string): boolean {
	const [chain, ...others] = parseShell(command).chains;
	const [link, ...more] = chain?.links ?? [];
	return others.length + more.length === 0 && link?.commands.length === 1 && link.commands[0]!.kind === 'simple';
}
