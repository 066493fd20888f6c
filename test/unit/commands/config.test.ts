import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { config } from '../../../src/commands/config.ts';
import { list } from '../../../src/commands/list.ts';
import { type Io, type Program, run } from '../../../src/commands/main.ts';
import { summary } from '../../../src/commands/summary.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gimlet-config-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

function file(text: string): string {
	const path = join(folder, `${++files}.gin`);
	writeFileSync(path, text);
	return path;
}

async function program(which: Program, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
	const texts = { out: '', err: '' };
	const stream = (name: 'out' | 'err') =>
		new Writable({
			write(chunk, _, done) {
				texts[name] += String(chunk);
				done();
			},
		});
	const io = { stdout: stream('out'), stderr: stream('err'), exitCode: 0 } as Io;
	const code = await run(which, args, io);
	return { code, ...texts };
}

const sound = "train.model = 'mlp'\ntrain.dataset = 'blobs'\nmlp.units = [8]\ntrain.default_callbacks = []\n";

test('check is silent where nothing is wrong, and reports all problems with exit code 2', async (t) => {
	t.deepEqual(await program(config, 'check', file(sound)), { code: 0, out: '', err: '' });
	const bad = file(`${sound}mlp.dropout = 'x'\nmpl.units = [3]\n`);
	const { code, out, err } = await program(config, 'check', bad);
	t.is(code, 2);
	t.is(out, '');
	t.regex(err, /:5:15: mlp\.dropout expects number ≥ 0 and < 1, got string "x"/u);
	t.regex(err, /:6:1: there is no component named "mpl"\. Did you mean "mlp"/u);
});

test('check asks rules that only the schema knows', async (t) => {
	const { code, err } = await program(config, 'check', file(`${sound}training_loop.train_for = 'soon'\n`));
	t.is(code, 2);
	t.regex(err, /training_loop\.train_for expects a duration/u);
});

test('a missing file is exit code 2 and one line', async (t) => {
	const { code, err } = await program(config, 'check', join(folder, 'none.gin'));
	t.is(code, 2);
	t.regex(err, /^config: There is no config file/u);
});

test('show says where values come from and what they won over', async (t) => {
	const path = file(`${sound}mlp.units = [9]\n`);
	const { out } = await program(config, 'show', path, '--origins', '-b', 'mlp.dropout=0.5');
	t.true(out.includes(`mlp.units = [9]  # ${path}:5:1, over [8] (${path}:3:1)\n`));
	t.true(out.includes('mlp.dropout = 0.5  # -b 1, binding 1, column 1\n'));
	t.true(out.includes('mlp.batch_norm = False  # default\n'));
});

test('show --why explains one value, also in a scope', async (t) => {
	const path = file(`${sound}a/mlp.units = [9]\n`);
	const { out } = await program(config, 'show', path, '--why', 'a/mlp.units');
	t.true(
		out.startsWith(
			`a/mlp.units = [9]\n  from ${path}:5:1 in the scope a\n  over [8] from ${path}:3:1\n  expects list of integer ≥ 1`,
		),
	);
	const scoped = await program(config, 'show', path, '--scope', 'a', '--why', 'mlp.units');
	t.true(scoped.out.startsWith('a/mlp.units = [9]\n'));
	const wrong = await program(config, 'show', path, '--why', 'mlp.unit');
	t.is(wrong.code, 2);
	t.regex(wrong.err, /Did you mean "units"/u);
});

test('show --why follows macros, and says what a macro won over', async (t) => {
	const path = file(`${sound}rate = 0.5\nbase = 0.1\nrate = %base\nadam.learning_rate = %rate\n`);
	const { out } = await program(config, 'show', path, '--why', 'adam.learning_rate');
	t.true(out.startsWith(`adam.learning_rate = %rate\n  from ${path}:8:1\n`));
	t.true(out.includes(`  where rate = %base from ${path}:7:1\n  where base = 0.1 from ${path}:6:1\n`));
	const macro = await program(config, 'show', path, '--why', '%rate');
	t.is(
		macro.out,
		`rate = %base\n  from ${path}:7:1\n  over 0.5 from ${path}:5:1\n  where base = 0.1 from ${path}:6:1\n`,
	);
});

test('show --scope takes a scope and nothing else', async (t) => {
	for (const scope of ['a/', '/a', 'a b', 'a//b', '1']) {
		const { code, err } = await program(config, 'show', file(sound), '--scope', scope);
		t.is(code, 2);
		t.true(err.includes(`"${scope}" is no scope`));
	}
	const { out } = await program(config, 'show', file(sound), '--scope', 'große/b');
	t.true(out.includes("\ngroße/b/train.model = 'mlp'\n"));
});

test('check says how a file is checked that is only a part of a config', async (t) => {
	const part = file('mlp.units = [8]\n');
	const alone = await program(config, 'check', part);
	t.is(alone.code, 2);
	t.true(alone.err.endsWith(`check both: bin/config.ts check CONFIG ${part} --together\n`));
	const together = await program(config, 'check', file(sound), part, '--together');
	t.deepEqual([together.code, together.err], [0, '']);
	const wrong = await program(config, 'check', file(`${sound}mlp.unit = [8]\n`));
	t.false(wrong.err.includes('--together'));
});

test('show --json is the effective config', async (t) => {
	const { out } = await program(config, 'show', file(sound), '--json');
	const operative = JSON.parse(out);
	t.is(operative.schema, 'gimlet.operative/1');
	t.deepEqual(operative.components.mlp.parameters.units.value, [8]);
	t.is(operative.components.train.parameters.model.text, '@mlp()');
});

test('show --chain lists every file and what named it', async (t) => {
	const base = file(sound);
	const { out } = await program(config, 'show', file(`extends '${base}'\n`), '--chain');
	t.true(out.includes(`${base}  extends at`));
});

test('expand stands alone and means the same; diff is silent then', async (t) => {
	const path = file(`u = 7\n${sound}mlp.units = [%u, 3]\n`);
	const { out } = await program(config, 'expand', path);
	const expanded = file(out);
	t.deepEqual(await program(config, 'diff', path, expanded), { code: 0, out: '', err: '' });
	t.deepEqual(await program(config, 'check', expanded), { code: 0, out: '', err: '' });
	const other = file(`${sound}mlp.units = [7, 4]\n`);
	const { code, out: differences } = await program(config, 'diff', path, other);
	t.is(code, 1);
	t.is(differences, `mlp.units: [7, 3] (${path}:6:1) -> [7, 4] (${other}:5:1)\n`);
});

test('fmt keeps the mode of a file, follows a link and leaves it, and refuses what is no file', async (t) => {
	const path = file("train.model='mlp'\n");
	chmodSync(path, 0o775);
	const link = join(folder, 'link.gin');
	symlinkSync(path, link);
	t.is((await program(config, 'fmt', link)).code, 0);
	t.is(readFileSync(path, 'utf8'), "train.model = 'mlp'\n");
	t.is(statSync(path).mode & 0o777, 0o775);
	t.true(lstatSync(link).isSymbolicLink());
	for (const other of [folder, '/dev/null']) {
		const { code, err } = await program(config, 'fmt', other);
		t.is(code, 2);
		t.regex(err, /is no regular file|is a folder/u);
	}
	const bom = file("\ufefftrain.model = 'mlp'\n");
	t.is((await program(config, 'fmt', bom)).code, 0);
	t.is(readFileSync(bom, 'utf8'), "train.model = 'mlp'\n");
});

test('fmt formats standard input to standard output', (t) => {
	const door = (input: string, ...args: string[]) =>
		spawnSync(join(root, 'bin/config.ts'), ['fmt', ...args], { input, encoding: 'utf8' });
	const { status, stdout } = door("train.model='mlp'\n", '-');
	t.deepEqual([status, stdout], [0, "train.model = 'mlp'\n"]);
	t.is(door("train.model='mlp'\n", '--check', '-').status, 1);
	t.deepEqual([door('train.model=', '-').status, door('train.model=', '-').stdout], [2, '']);
});

test('fmt keeps comments and is stable', async (t) => {
	const path = file('train.batch_size=3 # three\n');
	t.is((await program(config, 'fmt', '--check', path)).code, 1);
	t.is((await program(config, 'fmt', path)).code, 0);
	const once = readFileSync(path, 'utf8');
	t.is(once, 'train.batch_size = 3  # three\n');
	t.deepEqual(await program(config, 'fmt', '--check', path), { code: 0, out: '', err: '' });
});

test('schema describes what can be bound', async (t) => {
	const { out } = await program(config, 'schema');
	const { properties } = JSON.parse(out);
	t.is(properties['train.batch_size'].type, 'integer');
	t.true(JSON.stringify(properties['train.model']).includes('"mlp"'));
});

test('list shows kinds, one component, JSON, and the nearest name', async (t) => {
	const models = await program(list, 'model');
	t.regex(models.out, /^mlp \(model\)/mu);
	t.regex(models.out, /mlp\.dropout +number ≥ 0 and < 1; default 0\.0; /u);
	t.notRegex(models.out, /\(optimizer\)/u);
	const one = JSON.parse((await program(list, 'mlp', '--json')).out);
	t.deepEqual(
		one.map(({ name }: { name: string }) => name),
		['mlp'],
	);
	const wrong = await program(list, 'modle');
	t.is(wrong.code, 2);
	t.regex(wrong.err, /Did you mean "model"/u);
});

for (const args of [
	['list'],
	['list', '--help'],
	['config', 'check', file(sound)],
	['config', 'schema'],
	['config', 'show', file(sound)],
	['config', 'diff', 'configs/cnn.gin', 'configs/cnn.gin'],
	['config', 'expand', file(sound)],
	['config', 'fmt', '--check', file(sound)],
]) {
	test(`no tensor library is loaded by ${args[0]} ${args[1]?.startsWith('/') ? '' : (args[1] ?? '')}`, (t) => {
		const [name, ...rest] = args;
		const preload = new URL('../../fixtures/no-tensors.mjs', import.meta.url).href;
		const result = spawnSync(join(root, 'bin', `${name}.ts`), rest, {
			cwd: root,
			encoding: 'utf8',
			env: { ...process.env, NODE_OPTIONS: `--import=${preload}` },
		});
		t.is(result.stderr, '');
		t.is(result.status, 0);
	});
}

test('show --why and unset know a value by any of its names', async (t) => {
	const path = file(`${sound}r = 0.5\nmlp.dropout = %r\ntraining_loop.reload = True\n`);
	const why = async (name: string, ...more: string[]) =>
		(await program(config, 'show', path, '--why', name, ...more)).out;
	t.regex(await why('%r'), /^r = 0\.5\n/u);
	t.is(await why('r/macro.value'), await why('%r'));
	t.is(await why('r/gin.macro.value'), await why('%r'));
	t.is(await why('training_loop.reload'), await why('training_loop.resume'));
	t.regex(await why('mlp.dropout'), /where r = 0\.5 from/u);
	t.regex(await why('mlp.dropout', '-b', 'r/macro.value = 0.25'), /where r = 0\.25 from -b 1/u);
	t.regex(await why('training_loop.resume', '-b', 'unset training_loop.reload'), /from its default/u);
	const { code, err } = await program(config, 'show', path, '--why', '%none');
	t.is(code, 2);
	t.regex(err, /%none is not defined/u);
});

test('a value and a block in -b may go on in the next one, and a block behind #', async (t) => {
	const shown = async (...bindings: string[]) =>
		(await program(config, 'show', file(sound), ...bindings.flatMap((one) => ['-b', one]))).out;
	t.regex(await shown('mlp.units = [1,', '2]', 'train.seed = 7'), /train\.seed = 7\n.*mlp\.units = \[1, 2\]/su);
	t.regex(await shown('mlp:', '  units = [3]', '  dropout = 0.5'), /mlp\.units = \[3\].*mlp\.dropout = 0\.5/su);
	t.regex(await shown('mlp:#  units = [3]#  dropout = 0.5#train.seed = 7'), /train\.seed = 7\n.*mlp\.units = \[3\]/su);
	const { err } = await program(config, 'check', file(sound), '-b', 'mlp.units = [1,', '-b', "'x']");
	t.regex(err, /^-b 1 to 2, binding 1, line 2, column 1: mlp\.units\[1\] expects integer/u);
});

test('what is not here is passed over where that is asked for, and said', async (t) => {
	const path = file(`import my.python.module\n${sound}ghost.x = 1\n`);
	t.is((await program(config, 'check', path)).code, 2);
	const { code, err } = await program(config, 'check', path, '--skip-unknown');
	t.is(code, 0);
	t.regex(
		err,
		/:1:1: passed over, for there is no module "my\.python\.module"\.\n.*:6:1: passed over, for no component is called "ghost"\./u,
	);
	const half = await program(config, 'check', path, '--skip-imports');
	t.is(half.code, 2);
	t.regex(half.err, /there is no component named "ghost"/u);
	t.regex((await program(config, 'expand', path, '--skip-unknown')).out, /mlp\.units = \[8\]/u);
});

test('check looks for the files that data sets name', async (t) => {
	const plugin = join(folder, 'table.ts');
	writeFileSync(
		plugin,
		"import { dataset } from 'gimlet';\nimport { z } from 'zod';\ndataset('table', z.object({ file: z.string() }))(class {} as never);\n",
	);
	writeFileSync(join(folder, 'points.csv'), '1\n');
	const text = (name: string) =>
		file(`import './table.ts'\ntrain.model = 'mlp'\ntrain.dataset = 'table'\ntable.file = '${name}'\n`);
	t.is((await program(config, 'check', text('points.csv'))).err, '');
	const { code, err } = await program(config, 'check', text('point.csv'));
	t.is(code, 2);
	t.regex(err, /:4:14: table\.file: there is no ".*point\.csv"\. Did you mean "points\.csv"\?/u);
});

test('graph draws what check reaches as a tree, JSON and SVG', async (t) => {
	const path = file(`${sound}train.callbacks = [@a/early_stopping()]\na/early_stopping.patience = 3\n`);
	const { out } = await program(config, 'graph', path);
	t.regex(
		out,
		/^train \(function\)\n│ {2}default_callbacks = \[\]\n├─ model: mlp \(model\)\n│ {5}units = \[8\]\n.*└─ callbacks\[0\]: a\/early_stopping \(callback\)\n {6}patience = 3\n/su,
	);
	const roots = JSON.parse((await program(config, 'graph', path, '--json')).out) as Array<{ path: string }>;
	t.deepEqual(roots.map((root) => root.path).sort(), ['device', 'train', 'training_loop']);
	t.is((await program(config, 'graph', path, '--svg', join(folder, 'g.svg'))).code, 0);
	t.regex(readFileSync(join(folder, 'g.svg'), 'utf8'), /^<svg .*a\/early_stopping \(callback\).*<\/svg>\n$/su);
});

test('show and summary take run folders; diff prints bindings that lead from one to the other', async (t) => {
	const example = join(root, 'results', 'example_run');
	const { out } = await program(config, 'show', example, '--origins');
	t.regex(out, /^simple_cnn\.filters = \[32, 64\] {2}# configs\/cnn\.gin:\d+:1/mu);
	t.regex(
		(await program(config, 'show', example, '--why', 'simple_cnn.units')).out,
		/^simple_cnn\.units = \[128\]\n {2}from configs\/cnn\.gin/u,
	);
	t.regex(
		(await program(config, 'show', example, '--why', 'simple_cnn.unit')).err,
		/Did you mean "simple_cnn\.units"/u,
	);
	t.regex((await program(summary, example)).out, /^conv1 +Conv2D +\[8, 8, 32\] +320$/mu);
	const [a, b] = [
		file(sound),
		file(
			`${sound.replace("'mlp'", "'lenet'").replace('mlp.units = [8]\n', '')}train.optimizer = 'momentum'\nmomentum.momentum = 0.5\n`,
		),
	];
	const { out: lines } = await program(config, 'diff', a, b, '--as-bindings');
	const merged = file(`include '${a}'\n${lines}`);
	t.is((await program(config, 'diff', merged, b, '--allow-unused')).out, '');
	t.regex(lines, /^momentum\.momentum = 0\.5$/mu);
});

test('port prints what fits as it is, and comments out what does not', async (t) => {
	const python = [
		'from __gin__ import dynamic_registration',
		'import tensorflow as tf',
		"train.model = 'mlp'  # kept",
		"train.dataset = 'blobs'",
		'train.batch_size = 16',
		'train.batch_size = 3.2e1',
		'mlp:',
		'  units = [64,',
		'           32]',
		"  activation = b'relu'",
		'tf.SGD.momentum = 0.9',
		'',
	].join('\n');
	const path = file(python);
	const { code, out, err } = await program(config, 'port', path);
	t.is(code, 1);
	t.regex(out, /^train\.model = 'mlp' {2}# kept$/mu);
	t.regex(out, /^train\.batch_size = 32$/mu);
	t.regex(
		out,
		/^mlp:\n {2}units = \[64,\n {11}32\]\n {2}# Does not fit: mlp\.activation [^\n]*\n {2}# activation = b'relu'$/mu,
	);
	t.regex(err, /:11: does not fit: tf\.SGD\.momentum = 0\.9: there is no component named "tf\.SGD"/u);
	t.regex(err, /5 statements do not fit, 1 value rewritten/u);
	t.deepEqual(await program(config, 'check', file(out)), { code: 0, out: '', err: '' });
	t.is((await program(config, 'port', file(out))).code, 0);
	t.is((await program(config, 'port', file('a b'))).code, 2);
});

test('a macro that |= adds is used; what other languages write for a macro, and a mistyped file, are explained', async (t) => {
	const joined = file(`${sound.replace('mlp.units = [8]\n', '')}mlp.units = [1]\nmlp.units |= %more\nmore = [3]\n`);
	t.deepEqual(await program(config, 'check', joined), { code: 0, out: '', err: '' });
	const onDefault = file(`${sound.replace('mlp.units = [8]\n', '')}mlp.units |= %more\nmore = [3]\n`);
	t.is((await program(config, 'check', onDefault)).err, '');
	const braces = await program(config, 'check', file(`${sound}mlp.dropout = \${params.x}\n`));
	t.regex(braces.err, /:5:15: a macro is written %params\.x, not \$\{params\.x\}/u);
	const quoted = await program(config, 'check', file(`${sound}mlp.dropout = '\${params.x}'\n`));
	t.regex(quoted.err, /got string "\$\{params\.x\}": a macro is written %params\.x, without quotes/u);
	writeFileSync(join(folder, 'baseline.gin'), sound);
	t.regex((await program(config, 'check', join(folder, 'basline.gin'))).err, /Did you mean "baseline\.gin"\?/u);
});
