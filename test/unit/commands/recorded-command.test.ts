import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test from 'ava';
import { execaSync } from 'execa';
import { type Io, run } from '../../../src/commands/main.ts';
import { recordedCommand, trainWords } from '../../../src/commands/runs/recorded-command.ts';
import { runs } from '../../../src/commands/runs.ts';
import type { Meta } from '../../../src/run/meta.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-record-')));
process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'a.gin'), "import './above.ts'\n");
writeFileSync(join(folder, 'above.ts'), "throw new Error('executed');\n");

function words(argv: readonly string[], cwd = folder): { words: string[]; notice: string | undefined } {
	const recorded = recordedCommand(join(folder, 'x'), { argv, cwd } as unknown as Meta);
	return { words: trainWords('x', recorded, [], {}), notice: recorded.notice };
}

test('of a recorded command only what says what to train counts (security N3)', (t) => {
	const typed = ['x', 'a.gin', '-b', 'm.n=1#k.l=2', '--use', 'size=small', '--plugin', 'evil.ts', '--allow-unused'];
	const once = [
		'--force-new',
		'--steal',
		'--chaos',
		'kill@step=1',
		'--allow-config-change',
		'--allow-code-change',
		'--smoke',
	];
	t.deepEqual(words(['/anywhere/bin/train.ts', ...typed, ...once]), {
		words: ['x', 'a.gin', '-b', 'm.n=1#k.l=2', '--use', 'size=small', '--allow-unused'],
		notice: undefined,
	});
});

test('a record that names another program, an unknown option or a config that is gone is replaced by the own config', (t) => {
	const own = ['x', join(folder, 'x/config.gin')];
	for (const argv of [
		[],
		['/usr/bin/find', 'x', '-maxdepth', '0', '-exec', 'touch', 'PWNED', ';'],
		['/bin/sh', '-c', 'touch PWNED'],
		['bin/train.ts', 'x'],
		['bin/train.ts', 'x', 'a.gin', '--no-such-option'],
		['bin/train.ts', 'x', 'a.gin', '--chaos', 'rubbish'],
		['bin/train.ts', 'x', 'gone.gin'],
	]) {
		const found = words(argv);
		t.deepEqual(found.words, own, argv.join(' '));
		t.truthy(found.notice, argv.join(' '));
	}
	t.deepEqual(words(['bin/train.ts', 'elsewhere', 'a.gin']), { words: own, notice: undefined });
	t.is(recordedCommand(join(folder, 'x'), undefined).files[0], join(folder, 'x/config.gin'));
});

test('resume starts nothing where a recorded config or a recorded --plugin names code, and says the command that would (security N1, N2)', async (t) => {
	const made = join(folder, 'made');
	mkdirSync(made);
	const json = (name: string, value: object) => writeFileSync(join(made, name), JSON.stringify(value));
	const time = '2026-11-01T10:00:00.000+00:00';
	const common = { host: 'h', pid: 1, user: 'u', versions: {}, device: null, seeds: {}, limits: {} };
	const rest = { created: time, sessions: [], total_seconds: 0, command: '' };
	json('status.json', { schema: 'gimlet.status/1', state: 'interrupted' });
	writeFileSync(join(made, 'config.gin'), '');
	writeFileSync(join(folder, 'b.gin'), '');
	execaSync('mkfifo', [join(folder, 'pipe.gin')]);
	for (const argv of [
		['made', 'a.gin'],
		['made', 'b.gin', '--plugin', 'above.ts'],
		['made', 'b.gin', '-b', "import './above.ts'"],
	]) {
		const meta = { schema: 'gimlet.meta/1', argv: ['bin/train.ts', ...argv], cwd: folder, ...common, ...rest };
		json('meta.json', meta);
		const { code, err } = await program('resume', made, '--dry-run');
		t.is(code, 2, argv.join(' '));
		t.regex(err, /runs\.ts resume \S+made --plugin \S+above\.ts$/mu);
	}
	const piped = {
		schema: 'gimlet.meta/1',
		argv: ['bin/train.ts', 'made', 'pipe.gin'],
		cwd: folder,
		...common,
		...rest,
	};
	json('meta.json', piped);
	const { code: waited, err: said } = await program('resume', made, '--dry-run');
	t.is(waited, 2);
	t.regex(said, /is no regular file/u);
	json('meta.json', { ...piped, argv: ['bin/train.ts', 'made', 'b.gin', '-b', "import './above.ts'"] });
	const { code, out } = await program('resume', made, '--dry-run', '--plugin', join(folder, 'above.ts'));
	t.is(code, 0);
	t.true(out.endsWith(`b.gin -b 'import '\\''./above.ts'\\''' --plugin ${join(folder, 'above.ts')}\n`), out);
});

async function program(...args: string[]): Promise<{ code: number; out: string; err: string }> {
	const texts = { out: '', err: '' };
	const stream = (name: 'out' | 'err') =>
		new Writable({
			write(chunk, _, done) {
				texts[name] += String(chunk);
				done();
			},
		});
	const io = { stdout: stream('out'), stderr: stream('err'), exitCode: 0 } as Io;
	const code = await run(runs, args, io);
	return { code, ...texts };
}
