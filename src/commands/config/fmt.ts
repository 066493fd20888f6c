import { chmodSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { type ExitCode, exitCodes, UsageError } from '../../core/errors.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import type { Source } from '../../gin/ast.ts';
import { format } from '../../gin/format.ts';
import { problemAt } from '../../gin/problem.ts';
import { fileSource } from '../../registry/config-file.ts';
import type { Io } from '../main.ts';
import { printPath, say } from '../output.ts';

type Streams = Pick<Io, 'stdout' | 'stderr'>;

/**
 * Formats files in place, or with `isCheck` only names those that are not formatted (exit code 1). `-` is standard input,
 * formatted to standard output.
 */
export function formatFiles(files: readonly string[], isCheck: boolean, io: Streams): ExitCode {
	let exitCode: ExitCode = exitCodes.ok;
	for (const file of files) {
		const found = file === '-' || file === '/dev/stdin' ? formatInput(isCheck, io) : formatFile(file, isCheck, io);
		exitCode = exitCode === exitCodes.usage ? exitCode : found === exitCodes.ok ? exitCode : found;
	}
	return exitCode;
}

function formatFile(file: string, isCheck: boolean, io: Streams): ExitCode {
	if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) {
		throw new UsageError(
			'config.file_irregular',
			`"${file}" is no regular file and cannot be replaced; "-" formats standard input to standard output.`,
		);
	}
	const text = formatted(fileSource(file), io);
	if (text === undefined) {
		return exitCodes.usage;
	}
	// What a link leads to is formatted, and the link stays.
	const path = realpathSync(file);
	if (text === readFileSync(path, 'utf8')) {
		return exitCodes.ok;
	}
	printPath(io, file);
	if (isCheck) {
		return exitCodes.other;
	}
	const mode = statSync(path).mode & 0o7777;
	writeFileAtomic(path, text, mode);
	chmodSync(path, mode);
	return exitCodes.ok;
}

function formatInput(isCheck: boolean, io: Streams): ExitCode {
	const source: Source = { name: 'stdin', kind: 'file', text: readFileSync(0, 'utf8') };
	const text = formatted(source, io);
	if (text === undefined) {
		return exitCodes.usage;
	}
	if (!isCheck) {
		io.stdout.write(text);
		return exitCodes.ok;
	}
	return text === source.text ? exitCodes.ok : exitCodes.other;
}

// Undefined where the text cannot be read.
function formatted(source: Source, io: Streams): string | undefined {
	const { text, problems } = format(source);
	for (const { code, span, message } of problems) {
		problemAt(code, span, message)
			.text.split('\n')
			.forEach((line) => void say(io, line));
	}
	return problems.length > 0 ? undefined : text;
}
