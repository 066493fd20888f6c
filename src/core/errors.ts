import type { Span } from './span.ts';

/** The exit codes every program keeps to; docs/exit-codes.md explains them to users. */
export const exitCodes = {
	ok: 0,
	other: 1,
	usage: 2,
	refused: 3,
	environment: 4,
	diverged: 5,
	again: 75,
	interrupted: 130,
	terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The root of every error a user can cause or meet; its message is shown without a stack trace. */
export class GimletError extends Error {
	readonly exitCode: ExitCode = exitCodes.other;
	/** The message line by line: each may hold names and texts of others, none of which begins a line of its own. */
	readonly lines: readonly string[];

	/** `code` is a stable, documented name such as `config.unknown_parameter`; a message of several lines is a list. */
	constructor(
		readonly code: string,
		message: string | readonly string[],
		options?: ErrorOptions,
	) {
		const lines = typeof message === 'string' ? [message] : message;
		super(lines.join('\n'), options);
		this.name = new.target.name;
		this.lines = lines;
	}
}

/** A command line or a config that cannot be understood: nothing has been created. */
export class UsageError extends GimletError {
	override readonly exitCode = exitCodes.usage;
}

/** One thing wrong with a config: what and where, apart until it is printed. */
export interface Problem {
	readonly code: string;
	/** What is wrong and what is allowed, without the place. */
	readonly message: string;
	/** Where; undefined where the config as a whole lacks something. */
	readonly span?: Span | undefined;
	/** As it is printed, possibly of several lines: the place, the message, the source line and a caret; what it quotes has no line breaks of its own. */
	readonly text: string;
}

/** A problem that has no place. */
export function placeless(code: string, message: string): Problem {
	return { code, message, text: message };
}

/** Every problem found in a config, reported together. */
export class ConfigError extends UsageError {
	constructor(readonly problems: readonly Problem[]) {
		super(
			problems[0]?.code ?? 'config',
			problems.flatMap(({ text }) => text.split('\n')),
		);
	}
}

/** Refused because going on would lose or mix data. */
export class RefusedError extends GimletError {
	override readonly exitCode = exitCodes.refused;
}

/** The machine lacks something: a GPU, disk space, data, permission. */
export class EnvironmentError extends GimletError {
	override readonly exitCode = exitCodes.environment;
}

/** Training produced a loss that is not finite, or was stopped for diverging. */
export class DivergedError extends GimletError {
	override readonly exitCode = exitCodes.diverged;
}
