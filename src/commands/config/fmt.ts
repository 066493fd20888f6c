import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { writeFileAtomic } from '../../files/atomic.ts';
import { format } from '../../gin/format.ts';
import { problemAt } from '../../gin/problem.ts';
import { fileSource } from '../../registry/config-file.ts';
import type { Io } from '../main.ts';
import { printPath, say } from '../output.ts';

/** Formats files in place, or with `isCheck` only names those that are not formatted (exit code 1). */
export function formatFiles(files: readonly string[], isCheck: boolean, io: Pick<Io, 'stdout' | 'stderr'>): ExitCode {
	let exitCode: ExitCode = exitCodes.ok;
	for (const file of files) {
		const source = fileSource(file);
		const { text, problems } = format(source);
		for (const { code, span, message } of problems) {
			problemAt(code, span, message)
				.text.split('\n')
				.forEach((line) => void say(io, line));
			exitCode = exitCodes.usage;
		}
		if (text === source.text) {
			continue;
		}
		printPath(io, file);
		if (!isCheck) {
			writeFileAtomic(file, text);
		} else if (exitCode === exitCodes.ok) {
			exitCode = exitCodes.other;
		}
	}
	return exitCode;
}
