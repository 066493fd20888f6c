import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { execa, execaSync } from 'execa';
import fc from 'fast-check';
import { shellCommand } from '../../../src/core/shell-quote.ts';
import { writeCommandScript } from '../../../src/run/command-script.ts';
import { isoTime } from '../../../src/run/iso-time.ts';
import { readMeta, startSession } from '../../../src/run/meta.ts';
import { codeStates, repositoryState, writeCodeState } from '../../../src/run/provenance.ts';
import { planSources, writeSources } from '../../../src/run/sources.ts';
import { treeOf } from '../../e2e/programs.ts';

const argument = fc.string({ unit: fc.constantFrom(...`ab'"\\$\`!*?[]{}()<>|&;#~=%\n\t -é😀`.match(/./gsu)!) });

test('a shell splits a quoted command back into the same words', (t) => {
	fc.assert(
		fc.property(fc.array(argument), (words) => {
			const script = shellCommand([
				process.execPath,
				'-e',
				'console.log(JSON.stringify(process.argv.slice(1)))',
				'--',
				...words,
			]);
			t.deepEqual(JSON.parse(execaSync('sh', ['-c', script]).stdout), words);
		}),
		{ numRuns: 15, endOnFailure: true },
	);
});

test('command.sh repeats the command from anywhere and passes more arguments on', async (t) => {
	const folder = newFolder();
	const cwd = mkdtempSync(join(tmpdir(), "-it's $HOME "));
	writeCommandScript(folder, ['printf', '%s|', 'a b', "it's", '-b', 'x=1#y=2'], cwd);
	const { stdout } = await execa(join(folder, 'command.sh'), ['more'], { cwd: '/' });
	t.is(stdout, "a b|it's|-b|x=1#y=2|more|");
	writeCommandScript(folder, ['pwd'], cwd);
	t.is((await execa(join(folder, 'command.sh'), { cwd: '/' })).stdout, cwd);
	t.is(statSync(join(folder, 'command.sh')).mode & 0o100, 0o100);
});

test('command.sh needs nothing of the environment but secrets, and leaves what is set (security R3)', async (t) => {
	const folder = newFolder();
	const environment = { RATE: "0,1 'x' $HOME", 'NOT A NAME': 'x' };
	const print = 'console.log(process.env.RATE)';
	writeCommandScript(folder, ['node', '-e', print], '/', { environment, needed: ['API_TOKEN'] });
	const script = join(folder, 'command.sh');
	const start = (env: Record<string, string>) => execa(script, { env, extendEnv: false, reject: false });
	t.like(await start({}), {
		exitCode: 2,
		stderr: 'API_TOKEN is a secret, which the run folder does not hold: set it.',
	});
	t.is((await start({ API_TOKEN: 'x' })).stdout, environment.RATE);
	t.is((await start({ API_TOKEN: 'x', RATE: '2' })).stdout, '2');
});

test('meta.json keeps every session, and its seconds are never negative', async (t) => {
	const folder = newFolder();
	const facts = {
		argv: ['bin/train.ts', 'r s'],
		cwd: '/',
		versions: { gimlet: '1' },
		device: { backend: 'wasm' },
		seeds: { seed: 1 },
	};
	const first = startSession(folder, facts);
	t.is(first.number, 1);
	t.like(readMeta(folder), { command: "cd -- / && bin/train.ts 'r s'", pid: process.pid });
	t.is(readMeta(folder)?.sessions[0]?.end, null);
	await new Promise((resolve) => setTimeout(resolve, 30));
	first.end('signal SIGTERM');
	const second = startSession(folder, { ...facts, resumedFrom: 'checkpoints/last' });
	t.is(second.number, 2);
	second.end('finished');
	const meta = readMeta(folder)!;
	t.deepEqual(
		meta.sessions.map(({ exit_reason }) => exit_reason),
		['signal SIGTERM', 'finished'],
	);
	t.is(meta.sessions[1]?.resumed_from, 'checkpoints/last');
	t.true(meta.sessions[0]!.seconds >= 0.02 && meta.total_seconds >= meta.sessions[0]!.seconds);
	t.true(Date.parse(meta.sessions[0]!.start) <= Date.parse(meta.sessions[0]!.end!));
});

test('a process that goes back to a checkpoint stays one session in meta.json', (t) => {
	const folder = newFolder();
	const facts = { argv: ['bin/train.ts', 'r'], cwd: '/', versions: {}, device: null, seeds: {}, resumedFrom: 'step-1' };
	startSession(folder, facts).end('interrupted');
	startSession(folder, facts).end('diverged');
	const { start } = readMeta(folder)!.sessions[1]!;
	const again = startSession(folder, { ...facts, resumedFrom: 'step-2', goesOn: true });
	t.is(again.number, 2);
	t.is(readMeta(folder)!.sessions[1]!.end, null);
	again.end('finished');
	const { sessions } = readMeta(folder)!;
	t.deepEqual(
		sessions.map(({ exit_reason, resumed_from }) => [exit_reason, resumed_from]),
		[
			['interrupted', 'step-1'],
			['finished', 'step-1'],
		],
	);
	t.is(sessions[1]!.start, start);
});

test('a time carries its offset and names the same instant', (t) => {
	const date = new Date('2026-03-29T00:30:00.123Z');
	t.regex(isoTime(date), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/u);
	t.is(Date.parse(isoTime(date)), date.getTime());
});

test('the code is recorded with a patch that rebuilds it, new texts too, and the repository is left alone (security R2)', async (t) => {
	const { repository, git } = await newRepository();
	t.is((await repositoryState(repository, [])).state.note, 'the repository has no commit');
	const write = (name: string, content: string | Uint8Array) => {
		mkdirSync(dirname(join(repository, name)), { recursive: true });
		writeFileSync(join(repository, name), content);
	};
	write('a', 'one\n');
	await git('add', 'a');
	await git('commit', '-qm', 'first');
	t.like((await repositoryState(repository, [])).state, { dirty: false, patch: 'none', branch: 'main', note: null });
	const changed = Buffer.from([0, 1, 2, 255, 10]);
	write('a', changed);
	write('new "ü" file', 'text\n');
	write('mine/net.ts', 'export {};\n');
	write('zeros', Buffer.alloc(10));
	write('.env', 'TOKEN=abc\n');
	write('my_secret.txt', 'abc\n');
	write('large.txt', 'x'.repeat(300_000));
	write('x/config.gin', '');
	write('x/status.json', '{}');
	write('x/history.csv', 'epoch\n');
	symlinkSync('/etc/passwd', join(repository, 'link'));
	const before = treeOf(join(repository, '.git'));
	const code = await repositoryState(repository, ['configs']);
	t.like(code.state, {
		dirty: true,
		patch: 'complete',
		untracked_count: 10,
		untracked_in_patch: 2,
		holds: ['configs'],
	});
	t.deepEqual(treeOf(join(repository, '.git')), before);
	const folder = newFolder();
	writeCodeState(folder, [code]);
	await git('checkout', '-q', 'a');
	await git('clean', '-qfd');
	await git('apply', join(folder, 'git.patch'));
	t.deepEqual(readFileSync(join(repository, 'a')), changed);
	const rebuilt = ['new "ü" file', 'mine/net.ts'].map((name) => readFileSync(join(repository, name), 'utf8'));
	t.deepEqual(rebuilt, ['text\n', 'export {};\n']);
	t.deepEqual(readdirSync(repository).sort(), ['.git', 'a', 'mine', 'new "ü" file']);
	const small = await repositoryState(repository, [], 10);
	t.like(small.state, { dirty: true, patch: 'too large', patch_bytes: 0 });
	t.is(small.patch.length, 0);
	t.is((await repositoryState(newFolder(), [])).state.note, 'not in a git repository');
});

test.serial(
	'a repository of another user is said to be one; what its settings name is not started (security N6)',
	async (t) => {
		const { repository, git } = await newRepository();
		writeFileSync(join(repository, 'a'), 'one\n');
		await git('add', 'a');
		await git('commit', '-qm', 'first');
		await git('config', 'core.fsmonitor', 'touch PWNED; false');
		t.is((await repositoryState(repository, [])).state.note, null);
		t.false(existsSync(join(repository, 'PWNED')));
		process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
		try {
			t.regex((await repositoryState(repository, [])).state.note ?? '', /dubious ownership/u);
		} finally {
			delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
		}
	},
);

test('each repository that holds code of a run is read once, that of the configs first', async (t) => {
	const [mine, other] = [await newRepository(), await newRepository()];
	mkdirSync(join(mine.repository, 'deep/er'), { recursive: true });
	const outside = newFolder();
	const states = await codeStates([
		{ folder: join(mine.repository, 'deep/er'), holds: 'configs' },
		{ folder: mine.repository, holds: 'plug-ins' },
		{ folder: other.repository, holds: 'gimlet' },
		{ folder: outside, holds: 'plug-ins' },
	]);
	t.deepEqual(
		states.map(({ state: { root, holds } }) => [root, holds]),
		[
			[mine.repository, ['configs', 'plug-ins']],
			[other.repository, ['gimlet']],
			[null, ['plug-ins']],
		],
	);
	const folder = newFolder();
	writeCodeState(folder, [states[1]!, { ...states[0]!, patch: Buffer.from('x') }]);
	t.is(readFileSync(join(folder, 'patches/1.patch'), 'utf8'), 'x');
	t.is(JSON.parse(readFileSync(join(folder, 'git.json'), 'utf8')).others[0].root, mine.repository);
});

test('config sources keep their names, stay inside and never meet', (t) => {
	const files = [
		'configs/a.gin',
		'./configs/a.gin',
		'../b.gin',
		'/etc/c.gin',
		'configs/A.gin',
		'manifest.json',
		'configs',
	];
	const plan = planSources(
		files.map((path) => ({ path, content: path })),
		'/home/me',
	).map(({ file }) => file);
	t.deepEqual(plan, [
		'configs/a.gin',
		'configs/a~2.gin',
		'outside/home/b.gin',
		'outside/etc/c.gin',
		'configs/A~3.gin',
		'manifest~2.json',
		'configs~2',
	]);
	const folder = newFolder();
	const [entry] = writeSources(folder, [{ path: 'x/y.gin', content: 'abc' }], '/home/me');
	t.is(entry?.sha256, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
	t.is(readFileSync(join(folder, 'configs/x/y.gin'), 'utf8'), 'abc');
	t.like(JSON.parse(readFileSync(join(folder, 'configs/manifest.json'), 'utf8')), {
		schema: 'gimlet.sources/1',
		sources: [entry],
	});
});

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-facts-'));
}

async function newRepository() {
	const repository = newFolder();
	const git = (...args: string[]) =>
		execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: repository });
	await git('init', '-q', '-b', 'main');
	return { repository, git };
}
