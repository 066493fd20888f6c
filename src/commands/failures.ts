import { CommanderError } from 'commander';
import { type ExitCode, exitCodes, GimletError } from '../core/errors.ts';
import { stacksOf } from '../core/stacks.ts';
import { asGimletError } from '../core/system-errors.ts';
import { visible } from '../core/visible.ts';
import { forPeople, type Output } from './output.ts';

/** Says what a program has failed with, and returns its exit code. */
export function reportError(name: string, error: unknown, stderr: Output): ExitCode {
	if (error instanceof CommanderError) {
		return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
	}
	const known = error instanceof GimletError ? error : asGimletError(error);
	if (process.env['DEBUG']) {
		stderr.write(`${stacksOf(error)}\n`);
	} else if (known !== undefined) {
		const lines = known.lines.map((line) => shortened(visible(line)));
		stderr.write(lines.length > 1 ? `${lines.join('\n')}\n` : `${name}: ${lines[0]}\n`);
	} else {
		const message = error instanceof Error ? error.message : String(error);
		stderr.write(`${name}: ${shortened(visible(message))} (unexpected: DEBUG=1 shows where)\n`);
	}
	return known?.exitCode ?? exitCodes.other;
}

/** A line without words that nobody reads to their end: longer than any path. */
export function shortened(line: string): string {
	return line.replaceAll(/\S{5000,}/gu, (word) => `${word.slice(0, 200)}…${word.slice(-200)}`);
}

/**
 * From here on an error that nobody has caught ends the process with its exit code: with a sentence where the machine is
 * at fault, with a stack where the program is.
 */
export function catchUncaught(name: string): void {
	const early = (process as unknown as Record<symbol, (() => void) | undefined>)[Symbol.for('gimlet.errors')];
	early?.();
	process.on('uncaughtException', (error: unknown) => {
		const stderr = forPeople(process.stderr);
		if (error instanceof GimletError || asGimletError(error) !== undefined) {
			process.exit(reportError(name, error, stderr));
		}
		stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		process.exit(exitCodes.other);
	});
}

/**
 * What cannot be written to stdout or stderr (a full disk) makes the exit code 4, and is said where something can be
 * said. A reader that has seen enough (`| head`) is no failure of ours. Returns the exit code, given the program's.
 */
export function watchStreams(name: string): (own: ExitCode) => ExitCode {
	let hasFailed = false;
	for (const [stream, title] of [
		[process.stdout, 'stdout'],
		[process.stderr, 'stderr'],
	] as const) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'EPIPE' || hasFailed) {
				return;
			}
			hasFailed = true;
			process.exitCode = exitCodes.environment;
			if (stream === process.stdout) {
				reportError(name, Object.assign(error, { path: title }), forPeople(process.stderr));
			}
		});
	}
	return (own) => (hasFailed && own === exitCodes.ok ? exitCodes.environment : own);
}
