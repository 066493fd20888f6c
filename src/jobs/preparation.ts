import { UsageError } from '../core/errors.ts';
import { effectsOfLink, effectsOfList, UnfitError } from './shell/effects.ts';
import { requireRepeatable } from './shell/repeatable.ts';
import type { Chain, Command, List } from './shell/syntax.ts';
import type { Statement } from './shell/text.ts';
import { expandedText } from './shell/tokens.ts';

/** What a statement of a list is: nothing to do, preparation of the jobs after it, or a job. */
export type Role = 'nothing' | 'end' | 'setup' | 'job';

/** Reads a list statement by statement, and refuses what a shell would understand otherwise than a job list does. */
export class Preparation {
	readonly #file: string;
	readonly #functions = new Map<string, Command>();
	/** What a job does to its shell: nothing of it reaches the lines after it. */
	readonly #lost = new Map<string, number>();
	#lostState: { readonly line: number; readonly what: string } | undefined;
	#end: number | undefined;
	/** All of it so far, to be run before a job in the shell of that job. */
	setup = '';

	constructor(file: string) {
		this.#file = file;
	}

	/** The role of the next statement, which is taken into account for those after it. */
	next(statement: Statement): Role {
		try {
			return this.#next(statement);
		} catch (error) {
			if (error instanceof UnfitError) {
				throw this.#refusal(statement, error.message);
			}
			throw error;
		}
	}

	#next(statement: Statement): Role {
		const { list, text, line } = statement;
		const word = onlyWord(list);
		if (word === 'wait') {
			return 'nothing';
		}
		if (word === 'exit' || word === 'return') {
			this.#end = line;
			return 'end';
		}
		const { works, changes, variables, incidental } = effectsOfList(list, this.#functions);
		this.#requireReachable(statement, [...variables, ...incidental]);
		if (!works && changes.length + variables.length > 0) {
			this.#prepare(text, list);
			return 'setup';
		}
		this.#requireOneLine(statement);
		this.#takeLead(statement);
		return 'job';
	}

	#prepare(text: string, list: List): void {
		requireRepeatable(text, list);
		if (trapsExit(list)) {
			throw new UnfitError('a trap of EXIT would run at the end of each job');
		}
		for (const { links } of list.chains) {
			for (const command of links.flatMap(({ commands }) => commands)) {
				if (command.kind === 'function') {
					this.#functions.set(command.name, command.body);
				}
			}
		}
		this.setup += `${text}\n`;
	}

	// `cd x && run` prepares the lines after it, too; what a job does after its first command cannot.
	#takeLead({ list, text, line }: Statement): void {
		const { chains } = list;
		let to = 0;
		let isLead = true;
		const seen: { changes: string[]; variables: string[] } = { changes: [], variables: [] };
		for (const chain of chains) {
			for (const link of chain.isBackground ? [] : chain.links) {
				const { works, changes, variables, incidental } = effectsOfLink(link, this.#functions);
				isLead &&= !works && link.after !== '||';
				if (!isLead) {
					this.#lose(changes, [...variables, ...incidental], line);
				} else if (changes.length + variables.length > 0) {
					seen.changes.push(...changes);
					seen.variables.push(...variables);
					to = link.to;
				}
			}
			isLead &&= !chain.isBackground;
		}
		// A trap is the line's own.
		if (seen.variables.length > 0 || seen.changes.some((change) => change !== 'trap')) {
			const lead = text.slice(0, to);
			this.#prepare(lead, leadOf(chains, to));
		}
	}

	#lose(changes: readonly string[], variables: readonly string[], line: number): void {
		for (const name of variables) {
			this.#lost.set(name, line);
		}
		const what = changes.find((change) => change !== 'trap');
		this.#lostState ??= what === undefined ? undefined : { line, what };
	}

	// Whatever a shell would have by now must be there in the shell of a job.
	#requireReachable({ list, text }: Statement, own: readonly string[]): void {
		if (this.#end !== undefined) {
			throw new UnfitError(`line ${this.#end} ends the list, so a shell would never come here`);
		}
		if (this.#lostState !== undefined) {
			const { line, what } = this.#lostState;
			throw new UnfitError(
				`line ${line} changes its shell (${what}) in the middle of a job, which would hold for this line: put it in brackets there, as in (cd x; run), or on a line of its own`,
			);
		}
		for (const [name, line] of this.#lost) {
			if (!own.includes(name) && new RegExp(`\\$\\{?[#!]?${name}\\b`, 'u').test(expandedText(text))) {
				throw new UnfitError(
					`it needs $${name}, which line ${line} sets in the course of a job: set it on a line of its own`,
				);
			}
		}
		const first = /\$[?!]|\$\{[?!]\}/u.exec(expandedText(firstCommand(list)))?.[0];
		if (first !== undefined) {
			throw new UnfitError(`${first} is about the line before, and each line has a shell of its own`);
		}
		for (const name of own) {
			this.#lost.delete(name);
		}
	}

	#requireOneLine(statement: Statement): void {
		const isBlock = statement.list.chains.some(({ links }) =>
			links.some(({ commands }) => commands.some(({ kind }) => kind === 'block' || kind === 'subshell')),
		);
		if (isBlock && statement.lines > 1) {
			throw new UsageError(
				'jobs.compound',
				`${this.#file}:${statement.line}: "${shown(statement.text)}" goes on over several lines; a job is one command. Write it in one line, put it in a script of its own, or hide lines that are no jobs between "# jobs: off" and "# jobs: on".`,
			);
		}
	}

	#refusal({ line, text }: Statement, why: string): UsageError {
		return new UsageError('jobs.preparation', `${this.#file}:${line}: "${shown(text)}": ${why}.`);
	}
}

function shown(text: string): string {
	const [first = ''] = text.split('\n');
	return first.length > 40 || first !== text ? `${first.slice(0, 40)}…` : first;
}

function onlyWord({ chains }: List): string | undefined {
	const [command, ...others] = chains.flatMap(({ links }) => links.flatMap(({ commands }) => commands));
	return command?.kind === 'simple' && others.length === 0 ? command.words[0] : undefined;
}

function firstCommand({ chains }: List): string {
	const command = chains[0]?.links[0]?.commands[0];
	if (command?.kind === 'block') {
		return firstCommand(command.parts[0]?.list ?? { chains: [] });
	}
	return command?.kind === 'simple' || command?.kind === 'test'
		? [...(command.kind === 'simple' ? command.assignments : []), ...command.words].join(' ')
		: '';
}

function leadOf(chains: readonly Chain[], to: number): List {
	return {
		chains: chains
			.map((chain) => ({ ...chain, links: chain.links.filter((link) => link.to <= to) }))
			.filter(({ links }) => links.length > 0),
	};
}

function trapsExit({ chains }: List): boolean {
	return chains.some(({ links }) =>
		links.some(({ commands }) =>
			commands.some(
				(command) =>
					command.kind === 'simple' &&
					command.words[0] === 'trap' &&
					command.words[1] !== '-' &&
					command.words.slice(2).some((word) => /^(?:SIG)?EXIT$|^0$/iu.test(word)),
			),
		),
	);
}
