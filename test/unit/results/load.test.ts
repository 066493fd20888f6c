import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type History, loadH, loadTable } from '../../../src/results/history.ts';
import { differingCode, sayDifferingCode } from '../../../src/results/run-code.ts';
import { loadC } from '../../../src/results/run-config.ts';
import { loadHC } from '../../../src/results/run-results.ts';
import { readRow } from '../../../src/results/run-row.ts';
import { readCells } from '../../../src/run/table-reading.ts';
import { madeFolder, makeRun } from '../../fixtures/runs.ts';

const { folder, remove } = madeFolder();
test.after.always(remove);

const history = { epoch: [0, 1], 'train/loss': [2, 'nan'], 'valid/accuracy': [0.5, ''] };

test('config, history and figures of a run', (t) => {
	const run = makeRun(join(folder, 'whole'), {
		config: { 'adam.learning_rate': '0.01', 'mlp.activation': "'relu'" },
		history,
		test: { 'test/loss': 'inf' },
	});
	const { state, config, history: table, metrics, problems } = loadHC(run);
	t.is(state, 'finished');
	t.deepEqual(config.values, { 'adam.learning_rate': 0.01, 'mlp.activation': "'relu'" });
	t.deepEqual([...table.column('train/loss')], [2, Number.NaN]);
	t.deepEqual([...table.column('valid/accuracy')], [0.5, Number.NaN]);
	t.deepEqual(table.texts('valid/accuracy'), ['0.5', '']);
	t.deepEqual([...table.column('no such')], [Number.NaN, Number.NaN]);
	t.deepEqual(metrics, {
		epoch: 1,
		'train/loss': Number.NaN,
		'valid/accuracy': 0.5,
		'test/loss': Number.POSITIVE_INFINITY,
	});
	t.deepEqual(problems, []);
});

test('a torn last line is left out, as it is by the writer of tables', (t) => {
	const run = makeRun(join(folder, 'torn'), { state: 'running', history });
	appendFileSync(join(run, 'history.csv'), '2,0.1');
	t.is(loadH(run).length, 2);
	t.is(loadH(run).problem, undefined);
	t.is(readCells(join(run, 'history.csv')).rows.length, 2);
});

test('rows of another length are not read as if they were whole', (t) => {
	const table = tableOf('a,b\n1,2\n3\n4,5\n');
	t.deepEqual([...table.column('b')], [2, 5]);
	t.regex(table.problem!, /table\.csv: 1 of 3 rows/u);
});

test('quoted fields and names', (t) => {
	const table = tableOf('"a,b",c\n"x\ny",1\n"torn\nrow,2\n');
	t.deepEqual(table.columns, ['a,b', 'c']);
	t.deepEqual(table.texts('a,b'), ['x\ny']);
	t.deepEqual(table.sample(['c'], [0, 7]), [[1, Number.NaN]]);
});

test('a table that is not kept in memory is read the same, in blocks', (t) => {
	const rows = Array.from(
		{ length: 7_000 },
		(_, i) => `${i},${i % 999 === 0 ? '"x,"' : 'x'.repeat(700)},${i === 7 ? 'nan' : ''}`,
	);
	const table = tableOf(`epoch,"a,b",rare\n${rows.join('\n')}\nbad\n`);
	t.is(table.length, 7_000);
	t.regex(table.problem!, /1 of 7001 rows/u);
	t.deepEqual(table.last(), { epoch: 6_999, rare: Number.NaN });
	t.deepEqual(table.sample(['epoch', 'rare'], [0, 7, 5_000, 7_000])[0], [0, 7, 5_000, Number.NaN]);
	t.deepEqual(
		[...table.rows(6_998)].map(([epoch]) => epoch),
		['6998', '6999'],
	);
	t.is(table.column('epoch')[3_000], 3_000);
	t.is(table.texts('a,b')[6_999], 'x'.repeat(700));
});

test('a table of 100,000 columns is read in time that grows with its size', (t) => {
	const columns = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
	const table = tableOf(`${columns.join()}\n${columns.map(() => '1').join()}\n${columns.map(() => '').join()}\n`);
	t.is(Object.keys(table.last()).length, 100_000);
	t.is([...table.rows()].length, 2);
});

test('nothing, rubbish and other schemas give a result with problems, never an exception', (t) => {
	const empty = loadHC(join(folder, 'absent'));
	t.is(empty.state, 'unknown');
	t.is(empty.problems.length, 3);
	const run = makeRun(join(folder, 'broken'), { config: { 'a.b': '1' }, history });
	for (const [name, text] of Object.entries({
		'operative.json': '{"schema":"gimlet.operative/9"}',
		'status.json': '{',
		'history.csv': '\0\n\n,',
	})) {
		writeFileSync(join(run, name), text);
		t.notThrows(() => loadHC(run));
	}
	t.regex(loadC(run).problem!, /gimlet\.operative\/9/u);
	rmSync(join(run, 'operative.json'));
	t.regex(loadC(run).problem!, /there is no/u);
});

function tableOf(text: string): History {
	const path = join(folder, 'table.csv');
	writeFileSync(path, text);
	return loadTable(path);
}

test('how far a run at work has come is what its tables and its sign of life say', (t) => {
	const run = makeRun(join(folder, 'live'), { state: 'running', history: { epoch: [0, 1], step: [45, 90] } });
	const json = (name: string, value: object) => writeFileSync(join(run, name), JSON.stringify(value));
	const status = { ...loadHC(run).status!, epoch: 0, step: 0 };
	json('status.json', status);
	t.deepEqual(loadHC(run).reached, { epoch: 2, step: 90 });
	const names = ['status.json', 'history.csv', 'summary.json'];
	t.like(readRow(run, 'live', names).row, { epoch: 2, step: 90 });
	const time = '2026-11-01T10:00:00.000Z';
	const owner = { host: 'h', pid: 7, boot_id: 'b', pid_namespace: 'n', process_start: '1', job_id: '', since: time };
	json('run.lock', { schema: 'gimlet.lease/1', token: 'abc', ...owner });
	json('HEARTBEAT', { schema: 'gimlet.heartbeat/1', pid: 7, epoch: 2, step: 101, time });
	t.like(loadHC(run).reached, { epoch: 2, step: 101 });
	json('HEARTBEAT', { schema: 'gimlet.heartbeat/1', pid: 6, epoch: 9, step: 999, time });
	t.deepEqual(loadHC(run).reached, { epoch: 2, step: 90 }, 'that of another process does not count');
	json('status.json', { ...status, state: 'interrupted', epoch: 1, step: 60 });
	t.deepEqual(loadHC(run).reached, { epoch: 1, step: 60 });
});

test('the summary of a former end is no figure of a run that has gone on', (t) => {
	const made = { config: {}, history, test: { 'test/loss': 1 } };
	t.is(loadHC(makeRun(join(folder, 'on'), { ...made, state: 'interrupted' })).metrics['test/loss'], undefined);
	t.is(loadHC(makeRun(join(folder, 'limited'), { ...made, state: 'partial' })).metrics['test/loss'], 1);
});

test('runs of other code are told apart, by file', (t) => {
	const withCode = (name: string, files: object, tier = 'wasm') => {
		const run = makeRun(join(folder, name));
		const identity = { code: { commit: null, files }, versions: { tfjs: '4' }, engine: { tier, simd: 'avx2' } };
		writeFileSync(join(run, 'identity.json'), JSON.stringify({ schema: 'gimlet.identity/1', ...identity }));
		return loadHC(run).code;
	};
	const [a, b] = ['a', 'b'].map((letter) => letter.repeat(64));
	const first = withCode('code-1', { 'src/x.ts': a, 'mine.ts': a });
	const same = withCode('code-2', { 'src/x.ts': a, 'mine.ts': a });
	const other = withCode('code-3', { 'src/x.ts': a, 'mine.ts': b }, 'native');
	t.is(sayDifferingCode([first, same, undefined]), undefined);
	t.is(sayDifferingCode([first, other]), 'These runs were not computed by the same code (mine.ts), engine.');
	t.deepEqual(differingCode([first, other]).kinds, ['code', 'engine']);
	t.not(first!.shown.code, other!.shown.code);
});

test('figures of other code have a name of their own', (t) => {
	const run = makeRun(join(folder, 'evaluated'));
	mkdirSync(join(run, 'eval'));
	const common = {
		schema: 'gimlet.evaluation/1',
		split: 'test',
		checkpoint: 'best',
		epochs: 1,
		step: 3,
		n_examples: 9,
	};
	const write = (name: string, value: object) =>
		writeFileSync(join(run, 'eval', name), JSON.stringify({ ...common, ...value }));
	write('test@best.json', { metrics: { 'test/loss': 1 } });
	write('test@best~0a1b2c3d.json', { metrics: { 'test/loss': 2 }, other: '0a1b2c3d', differs: ['code: a'] });
	t.like(loadHC(run).metrics, { 'test/loss@best': 1, 'test/loss@best~0a1b2c3d': 2 });
});
