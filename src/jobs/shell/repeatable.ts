import { UnfitError } from './effects.ts';
import { parseShell } from './grammar.ts';
import type { Command, List } from './syntax.ts';
import { expandedText, literalOf, substitutionsOf } from './tokens.ts';

/**
 * Refuses preparation that would not come to the same before each job: a shell runs it once, a job list before every job
 * that follows it. Throws `UnfitError`.
 */
export function requireRepeatable(text: string, list: List): void {
	const active = expandedText(text);
	const volatile = /\b(?:S?RANDOM|EPOCHSECONDS|EPOCHREALTIME|BASHPID)\b|\$\{?(?:SECONDS|PPID|\$)/u.exec(active)?.[0];
	if (volatile !== undefined) {
		throw new UnfitError(`${volatile} would have another value before each job${remedy}`);
	}
	const place = /\$\{?(?:BASH_SOURCE|LINENO|FUNCNAME)/u.exec(active)?.[0];
	if (place !== undefined) {
		throw new UnfitError(`${place.replace('{', '')} is empty in the shell of a job: "$0" is the list`);
	}
	for (const word of wordsIn(list)) {
		for (const inner of substitutionsOf(word)) {
			requireReaders(parseShell(inner));
			requireRepeatable('', parseShell(inner));
		}
	}
}

const remedy = '; set it before the list is run, as in: X=… bin/jobs.ts run batch.sh';

function requireReaders(list: List): void {
	for (const { links } of list.chains) {
		for (const { commands } of links) {
			for (const command of commands) {
				const name = command.kind === 'simple' && command.words.length > 0 ? literalOf(command.words[0]!) : undefined;
				const isKnown = command.kind === 'test' || (name !== undefined && readers.has(name.replace(/^.*\//u, '')));
				const isAssignment = command.kind === 'simple' && command.words.length === 0;
				if (!isKnown && !isAssignment) {
					const shown = command.kind === 'simple' ? command.words[0] : command.kind;
					throw new UnfitError(`"${shown}" would run again before each job that follows${remedy}`);
				}
			}
		}
	}
}

function wordsIn({ chains }: List): string[] {
	return chains.flatMap(({ links }) => links.flatMap(({ commands }) => commands.flatMap(wordsOf)));
}

function wordsOf(command: Command): readonly string[] {
	switch (command.kind) {
		case 'simple':
			return [...command.assignments, ...command.words, ...command.redirections];
		case 'test':
			return command.words;
		case 'block':
			return command.parts.flatMap(({ list }) => wordsIn(list));
		// What a function does is looked at where it is called.
		default:
			return [];
	}
}

// They only look, and see the same before each job.
const readers = new Set(
	`awk basename brew cat cd command conda cut dirname direnv echo env expr false find getconf git grep head hostname id ls
	mamba micromamba modulecmd nproc nvidia-smi printenv printf pwd pyenv python python3 readlink realpath sed seq sort spack
	tail test tr true type uname uniq wc which whoami [`.split(/\s+/u),
);
