import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { config } from '../../../src/commands/config.ts';
import { environment } from '../../../src/commands/env.ts';
import { evaluate } from '../../../src/commands/evaluate.ts';
import { experiment } from '../../../src/commands/experiment.ts';
import { jobs } from '../../../src/commands/jobs.ts';
import { list } from '../../../src/commands/list.ts';
import { type Program, run } from '../../../src/commands/main.ts';
import { prepare } from '../../../src/commands/prepare.ts';
import { replay } from '../../../src/commands/replay.ts';
import { report } from '../../../src/commands/report.ts';
import { runs } from '../../../src/commands/runs.ts';
import { summary } from '../../../src/commands/summary.ts';
import { sync } from '../../../src/commands/sync.ts';
import { train } from '../../../src/commands/train.ts';
import type { ExitCode } from '../../../src/core/errors.ts';
import { makeRun } from '../../fixtures/runs.ts';

// Sets the title of a window, turns the direction of text, and would begin a line of its own.
const bad = 'x\x1b]0;PWN\x07\r\nFORGED\u202e\x9b31m';
const shown = String.raw`x\x1b]0;PWN\x07\r\nFORGED\u202e\x9b31m`;

const tree = mkdtempSync(join(tmpdir(), 'gimlet-hostile-'));
const at = (...names: string[]) => join(tree, ...names);
const before = { ...process.env };
test.before(() => {
	process.env['RESULTS_DIR'] = tree;
	process.env['DEVICE_NAME'] = bad;
	makeTree();
});
test.after.always(() => {
	rmSync(tree, { recursive: true, force: true });
	Object.assign(process.env, before);
});

interface Case {
	readonly program: Program;
	readonly args: readonly string[];
	readonly code: ExitCode;
	/** What says that the program did its work; the escaped name where left out. */
	readonly says?: string;
	/** Its stdout is exact for a program, escaped on a terminal. */
	readonly exact?: boolean;
}

const cases: readonly Case[] = [
	{ program: runs, args: ['list', tree], code: 0 },
	{ program: runs, args: ['list', tree, '--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: runs, args: ['list', tree, '--columns', 'reason,mlp.name', '--sort', bad], code: 2 },
	{ program: runs, args: ['list', tree, '--columns', 'reason,mlp.name', '--where', `run~${bad}`], code: 0 },
	{ program: runs, args: ['list', at(`no${bad}`)], code: 2 },
	{ program: runs, args: ['show', at(bad)], code: 0 },
	{ program: runs, args: ['show', at(bad), '--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: runs, args: ['show', at(`damaged${bad}`)], code: 0, says: 'problem: ' },
	{ program: runs, args: ['compare', at(bad), at(`damaged${bad}`)], code: 0 },
	{ program: runs, args: ['compare', at(bad), at('whole'), '--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: runs, args: ['export', tree], code: 0 },
	{ program: runs, args: ['export', tree, '--history'], code: 0 },
	{ program: runs, args: ['export', tree, '--format', 'json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: runs, args: ['export', tree, '--format', bad], code: 2 },
	{ program: runs, args: ['verify', at(`damaged${bad}`), at('whole')], code: 1 },
	{ program: runs, args: ['verify', at(`damaged${bad}`), '--json'], code: 1, says: String.raw`FORGED\u202e` },
	{ program: runs, args: ['keep', at(`damaged${bad}`)], code: 0 },
	{ program: runs, args: ['rm', at(`damaged${bad}`)], code: 3 },
	{ program: runs, args: ['rm', at(bad), '--dry-run'], code: 0, says: 'dry run', exact: true },
	{ program: runs, args: ['reindex', tree], code: 0, says: '3 runs' },
	{ program: runs, args: [bad], code: 2 },
	{ program: runs, args: ['list', `--${bad}`], code: 2 },
	{ program: report, args: [tree, '--no-files'], code: 0 },
	{ program: report, args: [tree, '--no-files', '--runs', '--metric', `valid/${bad}`], code: 0 },
	{ program: report, args: [tree, '--no-files', '--runs', '--format', 'csv'], code: 0 },
	{ program: report, args: [tree, '--no-files', '--runs', '--format', 'markdown'], code: 0 },
	{ program: report, args: [tree, '--no-files', '--runs', '--format', 'latex'], code: 0, says: 'FORGED' },
	{ program: report, args: [tree, '--no-files', '--format', 'json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: report, args: [tree, '--baseline', `a=${bad}`], code: 2 },
	{ program: report, args: [tree, '--out', at(`out${bad}`)], code: 0 },
	{ program: evaluate, args: [at(`no${bad}`)], code: 2 },
	{ program: replay, args: [at(bad)], code: 2 },
	{ program: train, args: [at('file'), at(`${bad}.gin`)], code: 2 },
	{ program: train, args: [at(bad), at(`no${bad}`)], code: 2 },
	{ program: train, args: [at('new'), at('sound.gin'), '--plugin', bad], code: 2 },
	{ program: summary, args: [at(`${bad}.gin`)], code: 2 },
	{ program: config, args: ['check', at(`${bad}.gin`)], code: 2 },
	{ program: config, args: ['check', at('part.gin')], code: 2, says: '--together' },
	{ program: config, args: ['show', at(`sound${bad}.gin`), '--origins'], code: 0 },
	{ program: config, args: ['show', at(`sound${bad}.gin`), '--chain'], code: 0 },
	{ program: config, args: ['show', at(`sound${bad}.gin`), '--why', 'mlp.units'], code: 0 },
	{ program: config, args: ['show', at(`sound${bad}.gin`), '--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: config, args: ['show', at(`sound${bad}.gin`), '--why', `${bad}.a`], code: 2 },
	{ program: config, args: ['diff', at(bad), at(`sound${bad}.gin`)], code: 1 },
	{ program: config, args: ['fmt', at(`${bad}.gin`)], code: 2 },
	{ program: config, args: ['fmt', '--check', at(`sound${bad}.gin`)], code: 1, says: 'sound', exact: true },
	{ program: experiment, args: ['tune_lr', 'status', 'small'], code: 0 },
	{ program: experiment, args: ['tune_lr', 'status', 'small', '--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: experiment, args: ['tune_lr', 'report', 'small', '--no-files'], code: 0 },
	{ program: experiment, args: ['tune_lr', 'report', 'small', '--out', at('page')], code: 0 },
	{ program: experiment, args: [bad, 'status'], code: 2 },
	{ program: jobs, args: ['run', at(`${bad}.sh`), '--dry-run'], code: 0, says: 'PWN', exact: true },
	{ program: jobs, args: ['run', at(`${bad}.sh`), '-j', '1'], code: 1 },
	{ program: jobs, args: ['status', at(`${bad}.sh`), '--all'], code: 1 },
	{ program: jobs, args: ['status', at(`${bad}.sh`), '--json'], code: 1, says: String.raw`\u001b]0;PWN` },
	{ program: jobs, args: ['logs', at(`${bad}.sh`)], code: 0, says: 'PWN', exact: true },
	{ program: jobs, args: ['logs', at(`${bad}.sh`), '--path'], code: 0, says: '.log', exact: true },
	{ program: jobs, args: ['logs', at(`${bad}.sh`), bad], code: 2 },
	{ program: jobs, args: ['retry', at(`${bad}.sh`)], code: 2, says: String.raw`\x1b]0;PWN` },
	{ program: jobs, args: ['run', at(`no${bad}`)], code: 2 },
	{ program: sync, args: [at('mirror'), '--from', at('source'), '--dry-run'], code: 0 },
	{ program: environment, args: [], code: 0 },
	{ program: environment, args: ['--json'], code: 0, says: String.raw`FORGED\u202e` },
	{ program: list, args: [bad], code: 2 },
	{ program: prepare, args: [bad], code: 2 },
	{ program: prepare, args: ['mnist', '--data-dir', at(bad), '--from', at(`no${bad}`)], code: 2 },
];

test.serial('no program lets a name, a reason, a metric or a value reach a terminal or begin a line', async (t) => {
	for (const { program, args, code, says = shown, exact = false } of cases) {
		for (const isTTY of [false, true]) {
			const title = `${program.name} ${JSON.stringify(args)}${isTTY ? ' on a terminal' : ''}`;
			const result = await outcome(program, args, isTTY);
			t.is(result.code, code, `${title}\n${result.err}`);
			t.true(`${result.out}${result.err}`.includes(says), `${title}\n${result.out}${result.err}`);
			for (const text of exact && !isTTY ? [result.err] : [result.out, result.err]) {
				t.notRegex(text.replaceAll(/[\n\t]/gu, ''), /[\p{Cc}\p{Cf}]/u, title);
				t.notRegex(text, /^FORGED/mu, title);
			}
		}
	}
});

test.serial('what is printed for a program is exact, and a report shows what it quotes', async (t) => {
	t.is((await outcome(runs, ['rm', at(bad), '--dry-run'], false)).out, `${at(bad)}\n`);
	t.is((await outcome(config, ['fmt', '--check', at(`sound${bad}.gin`)], false)).out, `${at(`sound${bad}.gin`)}\n`);
	const rows = JSON.parse((await outcome(runs, ['list', tree, '--json'], true)).out) as Array<{ run: string }>;
	t.true(rows.some(({ run: name }) => name === bad));
	await outcome(report, [tree, '--out', at('page')], false);
	for (const name of ['report.html', 'report.csv', 'report-runs.csv']) {
		const text = readFileSync(at('page', name), 'utf8');
		t.notRegex(text.replaceAll(/[\n\t]/gu, ''), /[\p{Cc}\p{Cf}]/u, name);
	}
	const page = readFileSync(at('page', 'report.html'), 'utf8');
	t.notRegex(page, /<img/u);
	t.regex(page, /&lt;img/u);
});

async function outcome(program: Program, args: readonly string[], isTTY: boolean) {
	const texts = { out: '', err: '' };
	const output = (name: 'out' | 'err') => ({
		isTTY,
		write: (text: string | Uint8Array) => {
			texts[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
		},
	});
	// What moves the cursor is of the program's own making.
	const code = await run(program, args, {
		stdout: output('out'),
		stderr: { ...output('err'), isTTY: false },
		exitCode: 0,
	});
	return { code, ...texts };
}

test.serial('a folder whose name is no UTF-8 is named, and its neighbours are shown', async (t) => {
	const name = Buffer.concat([Buffer.from(at('bytes')), Buffer.from('/b'), Buffer.from([0xff])]);
	makeRun(at('bytes', 'healthy'), { history: { epoch: [0], 'valid/loss': [1] } });
	mkdirSync(name);
	for (const [program, args] of [
		[runs, ['list', at('bytes')]],
		[runs, ['reindex', at('bytes')]],
		[runs, ['export', at('bytes')]],
		[report, [at('bytes'), '--no-files']],
	] as const) {
		const { code, out, err } = await outcome(program, args, false);
		t.is(code, 0, err);
		t.regex(err, /bytes\/b\ufffd cannot be read: its name is not UTF-8; rename it/u);
		t.regex(`${out}${err}`, /healthy|1 run read|1 of 1/u);
	}
	rmSync(name, { recursive: true });
	rmSync(at('bytes'), { recursive: true });
});

test.serial('a line of a job list that is no UTF-8 is refused, not changed', async (t) => {
	writeFileSync(at('bytes.sh'), Buffer.concat([Buffer.from('true\necho caf'), Buffer.from([0xe9, 0x0a])]));
	const { code, err } = await outcome(jobs, ['run', at('bytes.sh'), '--dry-run'], false);
	t.is(code, 2);
	t.regex(err, /bytes\.sh:2: this line is not UTF-8\.\n$/u);
});

function makeTree(): void {
	const quoted = `"valid/${bad}"`;
	makeRun(at(bad), {
		state: 'failed',
		reason: bad,
		config: { 'mlp.name': bad, 'mlp.units': `'<img src=x>${bad}'`, [`mlp.${bad}`]: bad },
		history: { epoch: [0, 1], [quoted]: [0.5, 0.25], 'valid/<img src=x>': [1, 2] },
		test: { [`test/${bad}`]: 0.5 },
	});
	makeRun(at(`damaged${bad}`), { config: { 'mlp.name': '1' } });
	writeFileSync(at(`damaged${bad}`, 'operative.json'), '{"schema":"\\u001b[2J"}');
	writeFileSync(at(`damaged${bad}`, 'KEEP'), '');
	cpSync(fileURLToPath(new URL('../../fixtures/run-v1', import.meta.url)), at('whole'), { recursive: true });
	const sound = "train.model = 'mlp'\ntrain.dataset = 'blobs'\ntrain.default_callbacks = []\n";
	writeFileSync(at('sound.gin'), sound);
	writeFileSync(at(`sound${bad}.gin`), `${sound}mlp.units =   [8]\n`);
	writeFileSync(at('part.gin'), '# \x1b[2J\nmlp.units = [8]\n');
	writeFileSync(at(`${bad}.gin`), `mlp.unit = '${bad.replaceAll(/[\r\n]/gu, '')}'\nmlp. \x1b[2J = \u202e\n`);
	const words = `: 'x\x1b]0;PWN\x07' $'\\nFORGED'`;
	writeFileSync(at(`${bad}.sh`), `#!/usr/bin/env bash\necho 'x\x1b]0;PWN\x07'\n${words} && exit 3\n`);
	mkdirSync(at('source', bad), { recursive: true });
	writeFileSync(at('source', bad, bad), '');
	mkdirSync(at('tune_lr', 'small'), { recursive: true });
	const job = { id: bad, point: { [bad]: bad }, texts: { [bad]: bad }, config: 'c', run: bad };
	symlinkSync(at(bad), at('tune_lr', 'small', bad));
	const manifest = {
		...{ schema: 'gimlet.manifest/1', experiment: bad, variant: bad, question: bad, metric: `test/${bad}` },
		...{ direction: 'max', axes: [bad], baseline: null, jobs: [job] },
	};
	writeFileSync(at('tune_lr', 'small', 'manifest.json'), JSON.stringify(manifest));
}
