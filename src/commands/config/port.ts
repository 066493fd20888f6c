import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import type { Source } from '../../gin/ast.ts';
import { parse } from '../../gin/parser.ts';
import { type Ported, port } from '../../gin/port.ts';
import { problemAt } from '../../gin/problem.ts';
import { fileSource } from '../../registry/config-file.ts';
import { checkDescribed, describeSources } from '../catalog.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import type { ConfigOptions } from '../training-config.ts';

/** Prints gin files of other projects in gimlet's form, and on stderr what does not fit; exit code 1 where something does not. */
export async function portFiles(
	files: readonly string[],
	options: ConfigOptions,
	io: Pick<Io, 'stdout' | 'stderr'>,
): Promise<ExitCode> {
	let exitCode: ExitCode = exitCodes.ok;
	for (const file of files) {
		const source = fileSource(file);
		if (!isGin(source, io)) {
			exitCode = exitCodes.usage;
			continue;
		}
		const ported = await port(source, (text) => examined(text, options));
		io.stdout.write(`${files.length > 1 ? `# ${visible(file)}\n` : ''}${ported.text.replace(/\n*$/u, '\n')}`);
		report(file, ported, io);
		exitCode = exitCode === exitCodes.ok && ported.misfits.length > 0 ? exitCodes.other : exitCode;
	}
	return exitCode;
}

// What gin itself cannot read is not ported.
function isGin(source: Source, io: Pick<Io, 'stderr'>): boolean {
	const { problems } = parse(source, { extensions: false });
	for (const { code, span, message } of problems) {
		problemAt(`config.${code}`, span, message)
			.text.split('\n')
			.forEach((line) => void say(io, line));
	}
	return problems.length === 0;
}

// Lines without effect are what files to be mixed into others consist of; what is bound twice is not.
async function examined(source: Source, options: ConfigOptions) {
	const described = await describeSources([source], options);
	return checkDescribed(described, { ...options, allowUnused: true }, '', [], { duplicates: true }).problems;
}

function report(file: string, { misfits, rewritten, lacks }: Ported, io: Pick<Io, 'stderr'>): void {
	for (const { line, text, reason } of misfits) {
		say(io, `${visible(file)}:${line}: does not fit: ${visible(text)}: ${visible(reason)}`);
	}
	for (const { text } of lacks) {
		say(io, `still lacks: ${text.split('\n')[0]!}`);
	}
	const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
	say(
		io,
		`${visible(file)}: ${count(misfits.length, 'statement')} ${misfits.length === 1 ? 'does' : 'do'} not fit, ${count(rewritten, 'value')} rewritten`,
	);
}
