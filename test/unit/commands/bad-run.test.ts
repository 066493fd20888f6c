import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Program, run } from '../../../src/commands/main.ts';
import { report } from '../../../src/commands/report.ts';
import { runs } from '../../../src/commands/runs.ts';
import { madeFolder, makeRun } from '../../fixtures/runs.ts';

const { folder, remove } = madeFolder();
test.after.always(remove);

const deep = '{"a":'.repeat(100_000);
const cases: ReadonlyArray<readonly [file: string, what: string, put: (path: string) => void]> = [
	['status.json', 'null', (path) => writeFileSync(path, 'null')],
	['status.json', 'a folder', (path) => void mkdirSync(path)],
	['operative.json', 'a pipe', (path) => void execFileSync('mkfifo', [path])],
	['operative.json', 'a hundred thousand levels', (path) => writeFileSync(path, deep)],
	['history.csv', 'a link to a device', (path) => symlinkSync('/dev/zero', path)],
	['summary.json', 'a list', (path) => writeFileSync(path, '[]')],
	['columns.json', 'a link that leads out', (path) => symlinkSync('/etc/passwd', path)],
	['eval', 'a file', (path) => writeFileSync(path, '')],
];

for (const [file, what, put] of cases) {
	test(`security L6: a run whose ${file} is ${what} is named on one line, and the others are shown`, async (t) => {
		const tree = join(folder, `${file} ${what}`);
		const config = { 'adam.learning_rate': '0.1' };
		for (const name of ['bad', 'healthy']) {
			makeRun(join(tree, name), {
				config,
				history: { epoch: [0], 'valid/loss': [1] },
				columns: { 'valid/loss': 'min' },
			});
		}
		rmSync(join(tree, 'bad', file), { force: true });
		put(join(tree, 'bad', file));
		for (const [program, ...args] of [
			[runs, 'list', tree],
			[runs, 'list', tree, '--where', 'adam.learning_rate=0.1', '--columns', 'adam.learning_rate'],
			[runs, 'export', tree],
			[runs, 'export', tree, '--history'],
			[report, tree, '--no-files', '--runs'],
		] as const) {
			const title = `${program.name} ${args.join(' ')}`;
			const { code, out, err } = await outcome(program, args);
			t.is(code, 0, `${title}\n${err}`);
			t.regex(out, /healthy/u, title);
			const lines = `${out}${err}`.split('\n').filter((line) => line.includes(join('bad', file)));
			t.is(lines.length, isRead(file, args) ? 1 : 0, `${title}\n${out}${err}`);
		}
	});
}

test('names that every object has are no columns of a run', async (t) => {
	makeRun(join(folder, 'names', 'healthy'), { config: { 'a.b': '1' }, history: { epoch: [0], 'valid/loss': [1] } });
	for (const name of ['constructor', 'toString', '__proto__', 'a.constructor']) {
		const { code, out, err } = await outcome(runs, ['list', join(folder, 'names'), '--columns', name]);
		t.deepEqual([code, out], [2, ''], name);
		t.true(err.includes(`No run has a value "${name}"`), err);
	}
});

// A table of runs needs less of them than a report.
function isRead(file: string, [command, ...options]: readonly string[]): boolean {
	if (file === 'operative.json') {
		return (command !== 'list' && !options.includes('--history')) || options.includes('--where');
	}
	return !['columns.json', 'eval'].includes(file) || options.includes('--no-files');
}

async function outcome(program: Program, args: readonly string[]) {
	const texts = { out: '', err: '' };
	const output = (name: 'out' | 'err') => ({
		write: (text: string | Uint8Array) => {
			texts[name] += String(text);
		},
	});
	const code = await run(program, args, { stdout: output('out'), stderr: output('err'), exitCode: 0 });
	return { code, ...texts };
}
