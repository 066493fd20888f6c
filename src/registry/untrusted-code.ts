import { dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { typedCommand } from '../core/shell-quote.ts';

/** A file of components that a run folder names and that is not run. */
export interface UntrustedFile {
	/** As the run folder names it. */
	readonly named: string;
	/** Why it is not run. */
	readonly reason: string;
	/** What `--plugin` may name instead: the copy in the run folder, else the file itself; undefined where neither is there. */
	readonly instead: string | undefined;
}

/** A run folder names code, and what a run folder names is run only where the user says so. */
export class UntrustedCodeError extends UsageError {
	readonly #files: readonly UntrustedFile[];

	constructor(run: string, files: readonly UntrustedFile[]) {
		super('config.untrusted_code', linesOf(run, files));
		this.#files = files;
	}

	/** The message, with the command that runs the copies. `command`: what was typed. */
	shown(command: readonly string[]): string[] {
		const given = this.#files.flatMap(({ instead }) => (instead === undefined ? [] : ['--plugin', instead]));
		if (given.length < 2 * this.#files.length) {
			return [...this.lines, 'Give each file with --plugin FILE.'];
		}
		return [
			...this.lines,
			'Read what you do not know. This command runs it:',
			`  ${typedCommand([...command, ...given])}`,
			`A file of your own can be trusted for good: ${typedCommand([join(dirname(command[0]!), 'trust.ts'), 'add'])} FILE`,
		];
	}
}

function linesOf(run: string, files: readonly UntrustedFile[]): string[] {
	const lines = files.map(({ named, reason }) => `  ${named}: ${reason}`);
	return [`${run} names files of components, and nothing that a run folder names is run by itself:`, ...lines];
}
