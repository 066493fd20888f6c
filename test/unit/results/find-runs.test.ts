import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { findRuns, runFolders } from '../../../src/results/find-runs.ts';
import { indexName } from '../../../src/results/index-file.ts';
import { madeFolder, makeRun } from '../../fixtures/runs.ts';

const old = new Date('2026-11-01T10:00:00Z');

function tree(t: { teardown(fn: () => void): void }, count: number): string {
	const { folder, remove } = madeFolder();
	t.teardown(remove);
	for (let at = 0; at < count; at++) {
		const run = makeRun(join(folder, `group-${at % 2}`, `run-${at}`), {
			history: { epoch: [0, 1] },
			test: { 'test/accuracy': at },
		});
		utimesSync(run, old, old);
	}
	return folder;
}

test('runs are found at any depth, in natural order, without those in hidden folders', async (t) => {
	const folder = tree(t, 12);
	makeRun(join(folder, '.trash', 'gone'));
	const { rows } = await findRuns(folder);
	t.is(rows.length, 12);
	t.deepEqual(
		rows.slice(0, 6).map(({ run }) => run),
		[0, 2, 4, 6, 8, 10].map((at) => `group-0/run-${at}`),
	);
	t.is(rows[5]!.metrics['test/accuracy'], 10);
	t.deepEqual(runFolders(folder, []).length, 12);
	t.is((await findRuns(join(folder, 'group-0/run-4'))).rows[0]!.run, '.');
});

test('a recorded "running" without a process is stale', async (t) => {
	const folder = tree(t, 0);
	makeRun(join(folder, 'cut'), { state: 'running' });
	t.is((await findRuns(folder)).rows[0]!.state, 'stale');
});

test('the index is used where nothing changed and never where something did', async (t) => {
	const folder = tree(t, 60);
	t.is((await findRuns(folder)).indexed, 0);
	t.true(existsSync(join(folder, indexName)));
	const again = await findRuns(folder);
	t.is(again.indexed, 60);
	makeRun(join(folder, 'group-0/run-0'), { state: 'failed', reason: 'no luck' });
	const changed = await findRuns(folder);
	t.is(changed.indexed, 59);
	t.is(changed.rows[0]!.state, 'failed');
	t.deepEqual(await findRuns(folder, { index: false }).then(({ rows }) => rows), changed.rows);
});

test('a damaged or false index changes nothing but the time', async (t) => {
	const folder = tree(t, 60);
	const { rows } = await findRuns(folder);
	const text = readFileSync(join(folder, indexName), 'utf8');
	writeFileSync(join(folder, indexName), '{"schema":');
	t.deepEqual((await findRuns(folder)).rows, rows);
	const entries = (JSON.parse(text) as { entries: Array<[string, object]> }).entries;
	const [[name, entry]] = entries as [[string, object]];
	for (const forged of [
		['group-0/none', entry],
		[name, { ...entry, row: {} }],
		[name, { ...entry, row: null }],
		[name, null],
		null,
		{},
	]) {
		const all = [...entries.slice(1), forged];
		writeFileSync(join(folder, indexName), JSON.stringify({ schema: 'gimlet.index/1', entries: all }));
		t.deepEqual((await findRuns(folder)).rows, rows, JSON.stringify(forged));
	}
});

test('few runs leave no index behind, unless it is asked for', async (t) => {
	const folder = tree(t, 3);
	await findRuns(folder);
	t.false(existsSync(join(folder, indexName)));
	await findRuns(folder, { rebuild: true });
	t.true(existsSync(join(folder, indexName)));
});
