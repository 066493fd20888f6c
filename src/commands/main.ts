import { Command, Help, type Option } from 'commander';
import { type ExitCode, UsageError } from '../core/errors.ts';
import '../core/signals.ts';
import { sourceOf } from '../core/source-file.ts';
import { UntrustedCodeError } from '../registry/untrusted-code.ts';
import { checkValues, checkWords, refuseEmpty, usageMessage } from './arguments.ts';
import { doorPath } from './door.ts';
import { catchUncaught, reportError, shortened, watchStreams } from './failures.ts';
import { forPeople, forPrograms, type Output } from './output.ts';

/**
 * A program's door to the world: results to `stdout`, everything said to a person to `stderr`. Neither lets control
 * characters of others reach a terminal.
 */
export interface Io {
	readonly stdout: Output;
	readonly stderr: Output;
	/** Set by a program that ends other than by an error. */
	exitCode: ExitCode;
}

/** One of `bin/*.ts`. */
export interface Program {
	readonly name: string;
	/** Adds arguments, options and the action to a fresh commander command. */
	define(command: Command, io: Io): void;
}

/** Runs a program: the only place that reads `argv`, prints errors and sets the exit code. */
export async function main(program: Program): Promise<void> {
	// A file that may not grow any more is an error of the write that meets it, not the end of the process.
	process.on('SIGXFSZ', () => {});
	// What is recorded of a run is the program's door, which can be called; its compiled form cannot.
	process.argv[1] = sourceOf(process.argv[1]!);
	catchUncaught(program.name);
	const exitCode = watchStreams(program.name);
	process.exitCode = exitCode(
		await run(program, process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, exitCode: 0 }),
	);
}

/** Runs a program on given arguments and returns its exit code. */
export async function run(program: Program, args: readonly string[], given: Io): Promise<ExitCode> {
	const io = { stdout: forPrograms(given.stdout), stderr: forPeople(given.stderr), exitCode: given.exitCode };
	const command = new Command(program.name)
		.exitOverride()
		.showSuggestionAfterError()
		.helpOption('-h, --help', 'show this help')
		.configureHelp({ optionDescription: describeOption })
		.configureOutput({
			writeOut: (text) => void io.stdout.write(text),
			writeErr: (text) => void io.stderr.write(text),
			outputError: (text, write) => write(`${shortened(usageMessage(program.name, text, args))}\n`),
		});
	program.define(command, io);
	command.hook('preAction', refuseEmpty);
	for (const one of [command, ...command.commands]) {
		checkValues(one.exitOverride());
	}
	try {
		checkWords(args);
		await command.parseAsync(args, { from: 'user' });
		return io.exitCode;
	} catch (error) {
		return reportError(program.name, shownUntrusted(error, program.name, args), io.stderr);
	}
}

// Only here it is known what was typed.
function shownUntrusted(error: unknown, name: string, args: readonly string[]): unknown {
	if (!(error instanceof UntrustedCodeError)) {
		return error;
	}
	return new UsageError(error.code, error.shown([doorPath(name), ...args]));
}

// An option that may repeat begins as an empty list, which is no default worth a word.
function describeOption(option: Option): string {
	const { defaultValue: value } = option;
	const isEmpty = (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0);
	return isEmpty ? option.description : new Help().optionDescription(option);
}
