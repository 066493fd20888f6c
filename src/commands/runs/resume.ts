import { join, resolve } from 'node:path';
import { type ExitCode, exitCodes, GimletError } from '../../core/errors.ts';
import { UntrustedCodeError } from '../../registry/untrusted-code.ts';
import { doorPath } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { addCodeOptions, type CodeOptions } from '../training-config.ts';
import { runFolder } from './places.ts';

interface ResumeOptions extends CodeOptions {
	readonly dryRun?: boolean;
}

/** `runs resume`: continues runs that were cut off. */
export const defineResume: DefineRuns = (command, io) => {
	const resume = command
		.command('resume')
		.description('Continue runs with the configs and bindings they were started with, one after the other.')
		.argument('<runs...>', 'run folders')
		.option('--dry-run', 'print the commands, run nothing');
	addCodeOptions(resume).action(async (names: string[], options: ResumeOptions) => {
		const folders = names.map((name) => [name, resolve(runFolder(name))] as const);
		for (const [name, folder] of folders) {
			io.exitCode = worse(io.exitCode, await orReported(name, io, () => continueRun(folder, options, io)));
		}
	});
};

// What is wrong with one run does not keep the others from going on.
async function orReported(name: string, io: Io, work: () => Promise<ExitCode>): Promise<ExitCode> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof GimletError)) {
			throw error;
		}
		const isUntrusted = error instanceof UntrustedCodeError;
		const [first, ...others] = error.lines;
		const lines = isUntrusted ? error.shown([doorPath('runs'), 'resume', name]) : [`${name}: ${first}`, ...others];
		lines.forEach((line) => void say(io, line));
		return error.exitCode;
	}
}

async function continueRun(folder: string, options: ResumeOptions, io: Io): Promise<ExitCode> {
	const [{ readMeta }, { recordedCommand, trainWords }, { rerunCommand }] = await Promise.all([
		import('../../run/meta.ts'),
		import('./recorded-command.ts'),
		import('../../run/command-script.ts'),
	]);
	const { projectRoot } = await import('../training-config.ts');
	const meta = readMeta(folder);
	const recorded = recordedCommand(folder, meta);
	if (recorded.notice !== undefined) {
		say(io, `${folder}: ${recorded.notice}; it goes on from its own config.gin.`);
	}
	const plugins = await codeOf(folder, recorded, options);
	const words = trainWords(folder, recorded, plugins, options);
	const program = join(projectRoot, 'bin/train.ts');
	if (options.dryRun) {
		io.stdout.write(`${rerunCommand([program, ...words], recorded.cwd)}\n`);
		return exitCodes.ok;
	}
	return execute(program, [...words, '--from-record'], recorded.cwd, meta?.data_dir);
}

// Decided before anything is started, and without running any of it.
async function codeOf(
	folder: string,
	{ cwd, files, options: { binding, use, plugin } }: import('./recorded-command.ts').RecordedCommand,
	options: ResumeOptions,
): Promise<readonly string[]> {
	const [{ bindingSources }, { findCode }, { fileSource }, { codeOptions, searchPath }] = await Promise.all([
		import('../../gin/binding-sources.ts'),
		import('../../registry/load.ts'),
		import('../../registry/config-file.ts'),
		import('../training-config.ts'),
	]);
	const sources = [
		...files.map((file) => ({ ...fileSource(file, cwd, true), isHidden: !file.endsWith('.gin') })),
		...bindingSources(binding),
	];
	const { plugins } = await findCode(sources, {
		project: cwd,
		uses: use,
		searchPath: searchPath(),
		recordedPlugins: plugin,
		...(await codeOptions({ ...options, plugin: options.plugin.map((path) => resolve(path)), record: folder })),
	});
	return plugins.map(({ path }) => path);
}

// Of the recorded environment only the place of the data is passed on; variables that `env()` asks for are read by train.
async function execute(program: string, words: readonly string[], cwd: string, data?: string): Promise<ExitCode> {
	const { execa } = await import('execa');
	const env = data === undefined || process.env['DATA_DIR'] ? {} : { DATA_DIR: data };
	const result = await execa(program, words, { cwd, env, stdio: 'inherit', reject: false });
	return (result.exitCode ?? exitCodes.other) as ExitCode;
}

function worse(a: ExitCode, b: ExitCode): ExitCode {
	return a === exitCodes.ok ? b : a;
}
