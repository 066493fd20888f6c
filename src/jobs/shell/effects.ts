import { parseShell } from './grammar.ts';
import type { Command, Link, List } from './syntax.ts';
import { literalOf } from './tokens.ts';

/** What commands do to the shell that runs them, as far as that can be told from their text. */
export interface Effects {
	/** They run something besides: what may be a job. */
	readonly works: boolean;
	/** What they change for every later command: `cd`, `export`, `f()`, … */
	readonly changes: readonly string[];
	/** Variables that they set on purpose, and in passing (as a loop does). */
	readonly variables: readonly string[];
	readonly incidental: readonly string[];
}

/** A command that a list cannot hold; its message says why. */
export class UnfitError extends Error {}

/** The functions that a list has defined so far. */
export type Functions = ReadonlyMap<string, Command>;

const none: Effects = { works: false, changes: [], variables: [], incidental: [] };
const working: Effects = { ...none, works: true };

/** The effects of a list of commands. */
export function effectsOfList({ chains }: List, functions: Functions): Effects {
	return together(
		chains.map(({ links, isBackground }) => {
			const effects = together(links.map((link) => effectsOfLink(link, functions)));
			// A shell of its own runs it.
			return isBackground ? working : effects;
		}),
	);
}

/** The effects of a pipeline: of several commands each has a shell of its own. */
export function effectsOfLink({ after, commands }: Link, functions: Functions): Effects {
	const [command, ...others] = commands;
	if (others.length > 0) {
		return working;
	}
	// `|| { echo missing; exit 1; }` ends the job before it begins.
	return after === '||' && leaves(command!) ? none : effectsOf(command!, functions);
}

function leaves(command: Command): boolean {
	return command.kind === 'simple'
		? /^(?:exit|return)$/u.test(command.words[0] ?? '')
		: command.kind === 'block' &&
				command.parts.some(({ list }) =>
					list.chains.some(({ links }) => links.some(({ commands }) => commands.some(leaves))),
				);
}

function effectsOf(command: Command, functions: Functions): Effects {
	switch (command.kind) {
		case 'subshell':
			return working;
		case 'test':
			return { ...none, variables: command.words.flatMap(setByArithmetic), incidental: setByExpansion(command.words) };
		case 'function':
			return { ...none, changes: [`${command.name}()`] };
		case 'block':
			return effectsOfBlock(command, functions);
		default:
			return effectsOfSimple(command, functions);
	}
}

function effectsOfBlock({ parts, variable }: Command & { readonly kind: 'block' }, functions: Functions): Effects {
	const of = (wanted: boolean) =>
		together(
			parts.flatMap(({ isCondition, list }) => (isCondition === wanted ? [effectsOfList(list, functions)] : [])),
		);
	const [condition, body] = [of(true), of(false)];
	const prepares = !body.works && body.changes.length + body.variables.length > 0;
	const all = together([condition, body]);
	return {
		...all,
		// What decides whether something is prepared is part of preparing it.
		works: prepares ? false : all.works,
		incidental: variable === undefined ? all.incidental : [...all.incidental, variable],
	};
}

function effectsOfSimple(command: Command & { readonly kind: 'simple' }, functions: Functions): Effects {
	const { assignments, redirections } = command;
	const words = withoutPrefix(command.words);
	const incidental = setByExpansion([...assignments, ...words]);
	if (words.length === 0) {
		return assignments.length > 0
			? { ...none, variables: assignments.map(nameOf), incidental }
			: { ...working, incidental };
	}
	const name = literalOf(words[0]!);
	const body = name === undefined ? undefined : functions.get(name);
	if (body !== undefined) {
		// Without itself: a function may call itself.
		return effectsOf(body, new Map([...functions].filter(([other]) => other !== name)));
	}
	if (name === 'eval') {
		return effectsOfEval(words.slice(1), functions);
	}
	const effects = name === undefined ? working : effectsOfBuiltin(name, words.slice(1), incidental);
	const writes = redirections.some((one) => /^(?:&?>>?|>\|) (?!\/dev\/null$)/u.test(one));
	if (messages.has(name ?? '') && redirections.includes('>& 2')) {
		return { ...none, incidental };
	}
	return { ...effects, works: effects.works || writes, incidental: [...effects.incidental, ...incidental] };
}

function effectsOfBuiltin(name: string, args: readonly string[], incidental: readonly string[]): Effects {
	const first = args[0] ?? '';
	if (name === 'exec') {
		if (args.length === 0) {
			throw new UnfitError('exec without a command redirects the whole list: give each line its redirection');
		}
		return working;
	}
	if (controls.has(name)) {
		throw new UnfitError(`${name} is about a process of another line, and each line has a shell of its own`);
	}
	if (name === ':') {
		return { ...none, variables: incidental };
	}
	if (setters.has(name) || (name === 'printf' && first === '-v')) {
		return { ...none, variables: args.filter((arg) => /^[A-Za-z_]\w*(?:\+?=|$|\[|[-+]{2})/u.test(arg)).map(nameOf) };
	}
	if (changers.has(name) || subcommands[name]?.test(first)) {
		return { ...none, changes: [name] };
	}
	const isQuiet = neutral.has(name) || (name === 'mkdir' && /^-\w*p/u.test(first));
	return isQuiet ? none : working;
}

function effectsOfEval(args: readonly string[], functions: Functions): Effects {
	const literals = args.map(literalOf);
	if (literals.every((one) => one !== undefined)) {
		return effectsOfList(parseShell(literals.join(' ')), functions);
	}
	if (args.length === 1 && /^"?\$\([^$`]*\)"?$/su.test(args[0]!)) {
		return { ...none, changes: ['eval'] };
	}
	throw new UnfitError(
		'what eval does is known only when it runs: write the command itself, or put the line in a script',
	);
}

function together(all: readonly Effects[]): Effects {
	return {
		works: all.some(({ works }) => works),
		changes: all.flatMap(({ changes }) => changes),
		variables: all.flatMap(({ variables }) => variables),
		incidental: all.flatMap(({ incidental }) => incidental),
	};
}

function withoutPrefix(words: readonly string[]): readonly string[] {
	const isPrefix = words.length > 1 && /^(?:command|builtin)$/u.test(words[0]!);
	// `command -v` asks, and is a word of its own.
	return isPrefix && !words[1]!.startsWith('-') ? words.slice(1) : words;
}

function nameOf(assignment: string): string {
	return /^\w+/u.exec(assignment)?.[0] ?? assignment;
}

function setByArithmetic(text: string): string[] {
	const found = text.startsWith('((')
		? text.matchAll(/([A-Za-z_]\w*)\s*(?:[-+*/%&|^]?=(?!=)|\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)/gu)
		: [];
	return [...found].map(([, before, behind]) => before ?? behind ?? '');
}

// `${x:=1}` and `$((x = 1))`.
function setByExpansion(words: readonly string[]): string[] {
	return words.flatMap((word) => [
		...[...word.matchAll(/\$\{([A-Za-z_]\w*):?=/gu)].map(([, name]) => name!),
		...[...word.matchAll(/\$\(\(([^)]*)/gu)].flatMap(([, inner]) => setByArithmetic(`((${inner}`)),
	]);
}

const changers = new Set(
	`cd pushd popd source . set shopt ulimit umask unset alias unalias readonly declare typeset export trap module ml enable
	hash shift workon deactivate newgrp`.split(/\s+/u),
);
const setters = new Set(['read', 'mapfile', 'readarray', 'getopts', 'let']);
const controls = new Set(['coproc', 'bg', 'fg', 'disown', 'suspend', 'logout']);
const neutral = new Set('true false test [ type which command pwd exit return break continue local'.split(' '));
const messages = new Set(['echo', 'printf']);
const subcommands: Readonly<Record<string, RegExp>> = {
	conda: /^(?:activate|deactivate)$/u,
	mamba: /^(?:activate|deactivate)$/u,
	micromamba: /^(?:activate|deactivate)$/u,
	spack: /^(?:load|unload|env)$/u,
	pyenv: /^(?:shell|activate|deactivate)$/u,
	nvm: /^use$/u,
};
