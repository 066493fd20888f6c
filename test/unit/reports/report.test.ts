import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'csv-parse/sync';
import { collect } from '../../../src/reports/collect.ts';
import { curvesOf, thinned } from '../../../src/reports/curves.ts';
import { bestGroup, groupsOf } from '../../../src/reports/groups.ts';
import { htmlReport } from '../../../src/reports/html.ts';
import { asCsv, asLatex, asMarkdown, asText, groupTable, runTable } from '../../../src/reports/tables.ts';
import { terminalPlot } from '../../../src/reports/terminal-plot.ts';
import { madeFolder, makeRun } from '../../fixtures/runs.ts';

const { folder, remove } = madeFolder();
test.after.always(remove);

const figures: Record<string, readonly number[]> = { '0.1': [0.8, 0.82, 0.87], '0.01': [0.9, 0.95, 0.91] };
for (const [rate, values] of Object.entries(figures)) {
	values.forEach((value, at) => {
		makeRun(join(folder, 'sweep', `${rate}-${at}`), {
			config: { 'adam.learning_rate': rate, 'train.seed': String(at), 'train.batch_size': '32' },
			history: { epoch: [0, 1, 2], 'valid/accuracy': [0.1, 'nan', value] },
			test: { 'test/accuracy': value },
			columns: { 'valid/accuracy': 'max', 'test/accuracy': 'max' },
		});
	});
}
makeRun(join(folder, 'sweep/failed'), {
	state: 'failed',
	reason: '<b>out of memory',
	config: { 'adam.learning_rate': '0.1', 'train.seed': '9', 'train.batch_size': '32' },
});
const baseline = { 'adam.learning_rate': '0.1' };

test('groups over seeds, compared in pairs: the figures of the table are those of the runs', (t) => {
	const collected = collect([join(folder, 'sweep')], { baseline });
	t.deepEqual([collected.axes, collected.seedAxes], [['adam.learning_rate', 'train.seed'], ['train.seed']]);
	const groups = groupsOf(collected);
	const [head, ...rows] = parse(asCsv(groupTable(collected, groups))) as string[][];
	t.is(bestGroup(groups, 'max')!.title, 'adam.learning_rate = 0.01');
	for (const row of rows) {
		const cell = (name: string) => row[head!.indexOf(name)]!;
		const values = figures[cell('adam.learning_rate')]!;
		const mean = values.reduce((a, b) => a + b) / 3;
		const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
		close(t, cell('mean'), mean);
		close(t, cell('sd'), sd);
		close(t, cell('ci_high'), mean + (4.302652729911275 * sd) / Math.sqrt(3));
		t.is(cell('best'), String(Math.max(...values)));
		t.is(cell('finished'), '3');
		const others = values.map((value, at) => value - figures['0.1']![at]!);
		if (cell('adam.learning_rate') === '0.01') {
			close(t, cell('difference'), others.reduce((a, b) => a + b) / 3);
			t.is(cell('pairs'), '3');
		}
	}
	t.deepEqual(
		rows.map(([, runs]) => runs),
		['3', '4'],
	);
});

test('every output is made of the same runs, byte for byte the same each time', (t) => {
	const collected = collect([join(folder, 'sweep')]);
	const groups = groupsOf(collected);
	const outputs = () => {
		const tables = [groupTable(collected, groups), runTable(collected)];
		return [
			...tables.flatMap((table) => [asText(table), asCsv(table), asMarkdown(table), asLatex(table)]),
			terminalPlot(groups, collected.metric),
			htmlReport(collected, groups),
		];
	};
	t.deepEqual(outputs(), outputs());
	const html = outputs().at(-1)!;
	t.false(
		/https?:\/\/(?!www\.w3\.org)/u.test(
			html.replaceAll(/\/\*![\s\S]*?\*\//gu, '').replaceAll(/<script>[\s\S]*?<\/script>/gu, ''),
		),
	);
	t.false(html.includes(folder));
	t.true(html.includes('&lt;b&gt;out of memory'));
	t.false(html.includes('<b>out'));
	t.true(html.includes('valid/accuracy'));
});

test('no runs, one run, runs of other schemas', (t) => {
	const { folder: other, remove: removeOther } = madeFolder();
	t.teardown(removeOther);
	const page = () => {
		const collected = collect([other]);
		const groups = groupsOf(collected);
		asText(runTable(collected));
		terminalPlot(groups, collected.metric);
		return htmlReport(collected, groups);
	};
	t.regex(page(), /No run has finished/u);
	makeRun(join(other, 'only'), { history: { epoch: [0], 'train/mae': [1] } });
	t.regex(page(), /1 run: 1 finished/u);
	writeFileSync(
		join(makeRun(join(other, 'later'), { test: { 'test/mae': 2 } }), 'operative.json'),
		'{"schema":"gimlet.operative/7"}',
	);
	writeFileSync(join(makeRun(join(other, 'torn'), { state: 'running' }), 'status.json'), '{');
	const html = page();
	t.regex(html, /1 unknown|unknown/u);
	t.regex(html, /gimlet\.operative\/7/u);
});

const errors = [3, 1, 2];
errors.forEach((value, at) => {
	const run = {
		config: { 'adam.learning_rate': String(at) },
		history: { epoch: [0, 1], 'valid/mse': [value + 1, value] },
		test: { 'test/mse': 10 - value },
		best: { 'valid/mse': value / 2 },
	};
	makeRun(join(folder, 'errors', String(at)), { ...run, columns: { 'valid/mse': 'min', 'test/mse': 'min' } });
	makeRun(join(folder, 'older', String(at)), run);
	makeRun(join(folder, 'mixed', String(at)), { ...run, columns: { 'valid/mse': at === 0 ? 'max' : 'min' } });
});

test('groups are ranked by the direction that their runs record, whatever the figure is called', (t) => {
	const collected = collect([join(folder, 'errors')]);
	t.deepEqual([collected.metric, collected.direction, collected.notices], ['valid/mse', 'min', []]);
	const groups = groupsOf(collected);
	t.is(bestGroup(groups, collected.direction)!.title, 'adam.learning_rate = 1');
	t.regex(htmlReport(collected, groups), /Best valid\/mse at the last epoch: 1 /u);
	t.throws(() => collect([join(folder, 'errors')], { direction: 'max' }), {
		message: /less is better, as the runs record/u,
	});
});

test('the deciding column stands at the best checkpoint and at the last epoch, each named', (t) => {
	for (const metric of ['valid/mse', 'valid/mse@best']) {
		const collected = collect([join(folder, 'errors')], { metric });
		const { columns, rows } = groupTable(collected, groupsOf(collected));
		const of = (name: string) => rows.map((row) => row[columns.indexOf(name)]);
		t.deepEqual(of('mean_at_best_checkpoint'), [1.5, 0.5, 1]);
		t.deepEqual(of('mean_at_last_epoch'), errors);
		t.deepEqual(of('mean'), metric === 'valid/mse' ? errors : [1.5, 0.5, 1]);
		t.true(runTable(collected).columns.includes('valid/mse@best'));
	}
});

test('what nothing says a direction of is not ranked, and neither is the test split', (t) => {
	const unranked = (name: string, options: Parameters<typeof collect>[1], notice: RegExp) => {
		const collected = collect([join(folder, name)], options);
		const groups = groupsOf(collected);
		t.is(bestGroup(groups, collected.direction), undefined);
		const { columns, rows } = groupTable(collected, groups);
		t.true(
			rows.every(
				(row) => row[columns.indexOf('best')] === undefined && typeof row[columns.indexOf('mean')] === 'number',
			),
		);
		t.is(collected.notices.length, 1);
		t.regex(collected.notices[0]!, notice);
		t.regex(htmlReport(collected, groups), /not ranked/u);
	};
	unranked('older', {}, /3 of 3 runs do not record which way/u);
	unranked('older', { metric: 'test/mse', direction: 'min' }, /not ranked by the test split; --metric valid\/mse/u);
	unranked('errors', { metric: 'test/mse' }, /not ranked by the test split/u);
	unranked('mixed', {}, /more is better in some of the runs and less in others/u);
	t.is(
		bestGroup(
			groupsOf(collect([join(folder, 'older')])),
			collect([join(folder, 'older')], { direction: 'min' }).direction,
		)!.title,
		'adam.learning_rate = 1',
	);
});

test('curves are thinned evenly, first and last epoch kept, and say so', (t) => {
	t.deepEqual(thinned(5, 100), [0, 1, 2, 3, 4]);
	const rows = thinned(1000, 50);
	t.deepEqual([rows.length, rows[0], rows.at(-1)], [50, 0, 999]);
	t.deepEqual(thinned(0, 50), []);
	const { curves, runs, epochs } = curvesOf(collect([join(folder, 'sweep')]));
	t.deepEqual(epochs, [1, 2, 3]);
	t.is(runs.length, 6);
	t.deepEqual(curves[0]!.values[0], [0.1, null, figures['0.01']![0]!]);
});

test('an unknown figure and a baseline that fits no group are errors', (t) => {
	t.throws(() => collect([join(folder, 'sweep')], { metric: 'test/acuracy' }), { message: /test\/accuracy/u });
	t.throws(() => groupsOf(collect([join(folder, 'sweep')], { baseline: { 'adam.learning_rate': '7' } })), {
		message: /fits 0 of 2/u,
	});
	t.notThrows(() => groupsOf(collect([join(folder, 'sweep')], { baseline: { 'adam.learning_rate': '1e-1' } })));
});

function close(t: { true(value: boolean, message: string): void }, cell: string, wanted: number): void {
	t.true(Math.abs(Number(cell) - wanted) < 1e-9, `${cell} is not ${wanted}`);
}

test('one run in several folders counts once: that which went furthest', (t) => {
	const config = { 'adam.learning_rate': '0.1', 'train.seed': '1' };
	const began = { created: '2026-11-01T10:00:00.000+00:00', host: 'node7', pid: 4711 };
	const place = join(folder, 'copies');
	for (const [name, epochs, pid] of [
		['first', 2, 4711],
		['continued', 3, 4711],
		['other', 2, 4712],
	] as const) {
		const history = { epoch: [0, 1, 2].slice(0, epochs), 'valid/accuracy': [0.1, 0.2, 0.9].slice(0, epochs) };
		makeRun(join(place, name), { config, history, columns: { 'valid/accuracy': 'max' }, began: { ...began, pid } });
	}
	makeRun(join(place, 'alone'), { config, history: { epoch: [0], 'valid/accuracy': [0.5] } });
	symlinkSync(join(place, 'alone'), join(folder, 'link'));
	const { runs } = collect([place, join(folder, 'link')], { metric: 'valid/accuracy' });
	t.deepEqual(
		runs.map(({ label, state, reason }) => [label, state, reason]),
		[
			['copies/alone', 'finished', ''],
			['copies/continued', 'finished', ''],
			['copies/first', 'duplicate', 'it is the same run as copies/continued'],
			['copies/other', 'finished', ''],
			['link', 'duplicate', 'it is the same run as copies/alone'],
		],
	);
	const [group] = groupsOf(collect([place], { metric: 'valid/accuracy' }));
	t.is(group!.spread.n, 3);
	// Jobs of an experiment are runs like any other: a folder that was copied or linked to is no further seed.
	symlinkSync(join(place, 'other'), join(place, 'linked'));
	const job = (run: string, seed: number) => {
		const texts = { 'train.seed': String(seed) };
		return { id: run, point: { 'train.seed': seed }, texts, config: 'c.gin', run };
	};
	const manifest = {
		...{ schema: 'gimlet.manifest/1', experiment: 'e', variant: 'v', question: '', metric: 'valid/accuracy' },
		...{ direction: 'max', axes: ['train.seed'], baseline: null },
		jobs: ['first', 'continued', 'other', 'linked'].map(job),
	};
	writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest));
	const planned = collect([place]);
	t.deepEqual(
		planned.runs.map(({ label, state }) => [label, state]),
		[
			['first', 'duplicate'],
			['continued', 'finished'],
			['other', 'finished'],
			['linked', 'duplicate'],
		],
	);
	t.is(groupsOf(planned)[0]!.spread.n, 2);
});

test('security L8: cells that a spreadsheet would take for formulas are guarded on request, numbers stay', (t) => {
	const table = { columns: ['=a'], rows: [['=1+1'], ['@x,y'], ['-x'], ['+1e-3'], ['-0.5'], ['-inf'], [-2], ['a=b']] };
	t.is(asCsv(table), '=a\n=1+1\n"@x,y"\n-x\n+1e-3\n-0.5\n-inf\n-2\na=b\n');
	t.is(asCsv(table, true), `'=a\n'=1+1\n"'@x,y"\n'-x\n+1e-3\n-0.5\n-inf\n-2\na=b\n`);
});
