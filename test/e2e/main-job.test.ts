import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { column, json, root, scratch, tiny, weights, withoutTimes } from './programs.ts';

const place = scratch();
const { at, run } = place;
const config = place.write('tiny.gin', tiny);
test.after.always(() => place.remove());

test.serial('a small CNN learns real digits, and the folder explains itself', async (t) => {
	const began = performance.now();
	const { code, out, err } = await run('train', at('first'), join(root, 'configs/cnn.gin'));
	t.is(code, 0, err);
	t.is(out, at('first'));
	t.regex(err, /\nnext: \S*bin\/evaluate\.ts \S+first$/u);
	t.true(performance.now() - began < 60_000);
	t.true(Number(summary('first').test['test/accuracy']) >= 0.97);
	t.is(json(at('first'), 'status.json')['state'], 'finished');
	t.deepEqual(
		documented().filter((name) => !exists(at('first', name))),
		[],
	);
});

test.serial('a finished run, moved, without its configs, is evaluated to the same numbers', async (t) => {
	place.write('own/cnn.gin', `${tiny}train.metrics = ['accuracy', 'macro_f1']\n`);
	t.is((await run('train', 'there', 'own/cnn.gin')).code, 0);
	rmSync(at('own'), { recursive: true });
	renameSync(at('there'), at('elsewhere'));
	const { code, out, err } = await run('evaluate', 'elsewhere', '--json');
	t.is(code, 0, err);
	t.deepEqual(JSON.parse(out), summary('elsewhere').test);
	t.deepEqual(Object.keys(JSON.parse(out)).sort(), ['test/accuracy', 'test/loss', 'test/macro_f1']);
	const { out: table } = await run('evaluate', 'elsewhere', '--checkpoint', 'last', '--split', 'valid');
	t.is(/^valid\/loss +(\S+)$/mu.exec(table)?.[1], column(at('elsewhere'), 'valid/loss').at(-1));
});

test('the well-known tutorial command: more epochs, none repeated', async (t) => {
	const bindings = ['-b', 'training_loop.n_epochs=5#training_loop.reload=True'];
	t.is((await run('train', 'more', config, '-b', 'training_loop.n_epochs=2')).code, 0);
	const { code, err } = await run('train', 'more', config, ...bindings);
	t.is(code, 0, err);
	t.deepEqual(column(at('more'), 'epoch'), ['0', '1', '2', '3', '4']);
	t.deepEqual(column(at('more'), 'step'), ['6', '12', '18', '24', '30'].slice(0, 5));
	t.is((await run('train', 'straight', config, ...bindings)).code, 0);
	t.is(withoutTimes(at('more', 'history.csv')), withoutTimes(at('straight', 'history.csv')));
	t.is(weights(at('more')), weights(at('straight')));
});

test('the complete config of a run repeats it', async (t) => {
	t.is((await run('train', 'r1', config)).code, 0);
	const { code, err } = await run('train', 'r2', at('r1/config.gin'));
	t.is(code, 0, err);
	t.deepEqual(await run('config', 'diff', 'r1', 'r2'), { code: 0, out: '', err: '' });
	t.is(withoutTimes(at('r1/history.csv')), withoutTimes(at('r2/history.csv')));
	t.is(weights(at('r1')), weights(at('r2')));
});

test('one seed is one history, whatever the number of threads; another seed is another', async (t) => {
	const again = { same: [], threads: ['-b', 'device.threads=2'], other: ['-b', 'train.seed=2'] };
	t.is((await run('train', 'seed', config)).code, 0);
	for (const [name, bindings] of Object.entries(again)) {
		const { code, err } = await run('train', name, config, ...bindings);
		t.is(code, 0, err);
		const isEqual = name !== 'other';
		t.is(withoutTimes(at(name, 'history.csv')) === withoutTimes(at('seed/history.csv')), isEqual, name);
		t.is(weights(at(name)) === weights(at('seed')), isEqual, name);
	}
});

test('convolutions, batch norm and dropout too do not depend on the number of threads', async (t) => {
	const bindings = (threads: number) =>
		[
			'train.model = "simple_cnn"',
			'simple_cnn.filters = [8, 8]',
			'simple_cnn.batch_norm = True',
			'simple_cnn.dropout = 0.2',
		]
			.concat('train.dataset = "digits"', 'training_loop.n_epochs = 2', `device.threads = ${threads}`)
			.join('#');
	const base = place.write('empty.gin', '');
	for (const threads of [1, 2]) {
		const { code, err } = await run('train', `cnn${threads}`, base, '-b', bindings(threads));
		t.is(code, 0, err);
	}
	t.is(withoutTimes(at('cnn1/history.csv')), withoutTimes(at('cnn2/history.csv')));
	t.is(weights(at('cnn1')), weights(at('cnn2')));
});

interface Summary {
	readonly test: Readonly<Record<string, number>>;
}

function summary(name: string): Summary {
	return json(at(name), 'summary.json') as unknown as Summary;
}

// The table of docs/run-folder.md, but for what is not part of a plain finished run.
function documented(): string[] {
	const page = readFileSync(join(root, 'docs/run-folder.md'), 'utf8');
	const elsewhere = [
		'run.lock',
		'predictions/',
		'diagnostics/',
		'media/',
		'report.html',
		'scopes/<scope>/',
		'git.patch',
		'patches/',
	];
	return [...page.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gmu)]
		.flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/gu)].map(([, name]) => name!))
		.filter((name) => /[./]|^[A-Z]+$/u.test(name) && !elsewhere.includes(name))
		.map((name) => name.replace('<split>@<checkpoint>', 'test@best'));
}

function exists(path: string): boolean {
	try {
		return readFileSync(path).length >= 0;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EISDIR';
	}
}
