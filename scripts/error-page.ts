/**
 * Writes docs/errors.md: every error code of the config language with a file that shows it and the exact message.
 * `npx tsx scripts/error-page.ts` writes the page; a test compares it with `errorPage()`.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { checkDescribed, describeConfig } from '../src/commands/catalog.ts';
import { config } from '../src/commands/config.ts';
import { list } from '../src/commands/list.ts';
import { type Io, type Program, run } from '../src/commands/main.ts';
import { projectRoot } from '../src/commands/training-config.ts';
import { GimletError } from '../src/core/errors.ts';
import { missingFiles } from '../src/registry/named-files.ts';
import { declared } from '../src/registry/registry.ts';
import type { Example } from './errors/example.ts';
import { fileExamples } from './errors/files.ts';
import { meaningExamples } from './errors/meaning.ts';
import { programExamples } from './errors/programs.ts';
import { syntaxExamples } from './errors/syntax.ts';

const base = "train.model = 'mlp'\ntrain.dataset = 'digits'\n";
const chapters = [
	['Grammar', syntaxExamples],
	['Files and statements', fileExamples],
	['Meaning', meaningExamples],
	['Component files, programs and code', programExamples],
] as const;

/** Every example of the page. */
export const examples: readonly Example[] = chapters.flatMap(([, list]) => list);

/** The whole page, each example run anew. */
export async function errorPage(): Promise<string> {
	const parts = [
		'# Every error of the config language',
		'This page is written by `npx tsx scripts/error-page.ts`, which runs every example; a test does so too. Messages that say' +
			' where something stands are followed by the line itself and a caret. All problems of a config are reported together,' +
			' and nothing has been read, created or started when they are. The exit code is 2 unless stated otherwise.',
		`Most examples are checked together with this \`base.gin\`, by \`bin/config.ts check base.gin example.gin --together\`:`,
		fenced('gin', base),
	];
	for (const [title, list] of chapters) {
		parts.push(`## ${title}`);
		for (const example of list) {
			parts.push(await section(example));
		}
	}
	return `${parts.join('\n\n')}\n`;
}

/** What the program says of an example, and its exit code. */
export async function outcome(example: Example): Promise<{ readonly text: string; readonly exitCode: number }> {
	return inFolder(example, async (folder) => {
		let text = '';
		const stream = new Writable({
			write(chunk, _, done) {
				text += String(chunk);
				done();
			},
		});
		const io = { stdout: stream, stderr: stream, exitCode: 0 } as Io;
		const exitCode = await run(programOf(example), argsOf(example), io);
		return { text: portable(text, folder), exitCode };
	});
}

/** The codes of everything that is wrong in an example. */
export async function codesOf(example: Example): Promise<string[]> {
	const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
	const args = argsOf(example);
	return inFolder(example, async () => {
		try {
			if (example.run !== undefined) {
				await example.run();
			} else if (example.program === undefined && args[0] === 'check') {
				const files = args.slice(1).filter((arg) => arg.endsWith('.gin') || arg === 'folder');
				const options = { binding: [], use: new Map(), plugin: [] };
				const { problems } = checkDescribed(await describeConfig(files, options), options, '', [missingFiles]);
				return problems.map(({ code }) => code);
			} else {
				const command = new Command();
				programOf(example).define(command, { stdout: silent, stderr: silent, exitCode: 0 });
				await command.parseAsync(args, { from: 'user' });
			}
			return [];
		} catch (error) {
			if (error instanceof GimletError) {
				return [error.code];
			}
			throw error;
		}
	});
}

async function inFolder<T>(example: Example, work: (folder: string) => Promise<T>): Promise<T> {
	const folder = folderOf(example);
	const hooks = new Map(declared.hooks);
	if (!Object.values(example.files ?? {}).some((text) => text.includes('finalizeHook'))) {
		// Those of one example are none of the others.
		declared.hooks.clear();
	}
	const before = process.cwd();
	const variable = process.env['DROPOUT'];
	try {
		process.chdir(folder);
		process.env['DROPOUT'] = 'a-third';
		return await work(folder);
	} finally {
		process.chdir(before);
		restore('DROPOUT', variable);
		for (const [name, hook] of hooks) {
			declared.hooks.set(name, hook);
		}
	}
}

const folders = new Map<Example, string>();

// One folder for good: a component file that is loaded a second time from elsewhere would be another file.
function folderOf(example: Example): string {
	let folder = folders.get(example);
	if (folder === undefined) {
		folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-errors-')));
		folders.set(example, folder);
		const made = folder;
		for (const [name, text] of Object.entries({ 'base.gin': base, ...example.files })) {
			mkdirSync(dirname(join(folder, name)), { recursive: true });
			writeFileSync(join(folder, name), text);
		}
		example.prepare?.(folder);
		process.once('exit', () => rmSync(made, { recursive: true, force: true }));
		process.setMaxListeners(process.getMaxListeners() + 1);
	}
	return folder;
}

function programOf({ program, run: work }: Example): Program {
	if (work !== undefined) {
		return { name: 'config', define: (command) => void command.action(async () => void (await work())) };
	}
	return program === 'list' ? list : config;
}

// Names of folders, and lists that grow with every new component, are not part of the page.
function portable(text: string, folder: string): string {
	return text
		.replaceAll(folder, '/project')
		.replaceAll(projectRoot, '/gimlet')
		.replaceAll(/(Known: |Kinds: |expects an? \w+ \()(?:[^).]|\.(?=\w))*/gu, '$1…');
}

function restore(name: string, value: string | undefined): void {
	if (value === undefined) {
		delete process.env[name];
	} else {
		process.env[name] = value;
	}
}

function argsOf({ args, run: work }: Example): readonly string[] {
	return work !== undefined ? [] : (args ?? ['check', 'base.gin', 'example.gin', '--together']);
}

async function section(example: Example): Promise<string> {
	const { code, about, files = {}, args, shown } = example;
	const { text, exitCode } = await outcome(example);
	const names = Object.keys(files);
	const sources = Object.entries(files)
		.filter(([, content]) => content !== '')
		.map(([name, content]) => {
			const heading = names.length === 1 && name === 'example.gin' ? '' : `\`${name}\`:\n\n`;
			const isLong = shown !== undefined && name === 'example.gin';
			return heading + fenced(name.split('.').at(-1)!, isLong ? `${shown}\n` : content);
		});
	return [
		`### ${code}`,
		`${about}${exitCode === 2 ? '' : ` Exit code ${exitCode}.`}`,
		...(names.length === 0 && shown !== undefined ? [`\`example.gin\`: ${shown}.`] : []),
		...sources,
		...(args === undefined ? [] : [`\`bin/${example.program ?? 'config'}.ts ${args.join(' ')}\``]),
		fenced('text', shown === undefined ? text : beginning(text)),
	].join('\n\n');
}

// Examples too long to show are answered at length too.
function beginning(text: string): string {
	const lines = text.trimEnd().split('\n');
	return `${lines.slice(0, 3).join('\n')}${lines.length > 3 ? `\n…      (${lines.length - 3} more lines)` : ''}`;
}

function fenced(language: string, text: string): string {
	return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	writeFileSync(new URL('../docs/errors.md', import.meta.url), await errorPage());
}
