import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadH, parseTable } from '../../../src/results/history.ts';
import { loadC } from '../../../src/results/run-config.ts';
import { loadHC } from '../../../src/results/run-results.ts';
import { readCells } from '../../../src/run/table.ts';
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
	const table = parseTable('a,b\n1,2\n3\n4,5\n', 'x.csv');
	t.deepEqual([...table.column('b')], [2, 5]);
	t.regex(table.problem!, /x\.csv: 1 of 3 rows/u);
});

test('quoted fields and names', (t) => {
	const table = parseTable('"a,b",c\n"x\ny",1\n"torn\nrow,2\n');
	t.deepEqual(table.columns, ['a,b', 'c']);
	t.deepEqual(table.texts('a,b'), ['x\ny']);
	t.deepEqual(table.sample(['c'], [0, 7]), [[1, Number.NaN]]);
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
