import { readFileSync } from 'node:fs';
import test from 'ava';
import { makeRun } from '../fixtures/runs.ts';
import { scratch } from './programs.ts';

const place = scratch();
const { at, run } = place;
test.after.always(() => place.remove());

for (const [rate, figures] of Object.entries({ '0.1': [0.8, 0.9], '0.01': [0.7, 0.6] })) {
	figures.forEach((value, seed) => {
		makeRun(at('sweep', `${rate}-${seed}`), {
			config: { 'adam.learning_rate': rate, 'train.seed': String(seed) },
			history: { epoch: [0, 1], 'valid/loss': [1, 1 - value] },
			test: { 'test/accuracy': value, 'test/loss': 1 - value },
		});
	});
}

test.serial('a report on any folder: table, plot, page and tables as files', async (t) => {
	const { code, out, err } = await run('report', 'sweep');
	t.is(code, 0, err);
	t.regex(out, /^ +0\.1 +2 +2 +0\.85 /mu);
	t.regex(out, /^adam\.learning_rate = 0\.1 .*● *.* 0\.85$/mu);
	t.regex(readFileSync(at('sweep/report.csv'), 'utf8'), /^0\.01,2,2,0\.6/mu);
	t.regex(readFileSync(at('sweep/report-runs.csv'), 'utf8'), /^0\.1-1,0\.1,1,finished,2,0\.9,/mu);
	const page = readFileSync(at('sweep/report.html'));
	t.is((await run('report', 'sweep')).code, 0);
	t.deepEqual(readFileSync(at('sweep/report.html')), page);
});

test.serial('formats and choices', async (t) => {
	const json = JSON.parse(
		(await run('report', 'sweep', '--format', 'json', '--metric', 'test/loss', '--no-files')).out,
	) as Array<Record<string, number>>;
	t.deepEqual(
		json.map(({ best }) => Math.round(best! * 10)),
		[3, 1],
	);
	t.regex((await run('report', 'sweep', '--format', 'latex', '--no-files')).out, /^\\begin\{tabular\}/u);
	t.regex(
		(await run('report', 'sweep', '--format', 'markdown', '--runs', '--no-files')).out,
		/^\| run \| adam\.learning_rate \|/u,
	);
	t.regex(
		(await run('report', 'sweep', '--format', 'csv', '--baseline', 'adam.learning_rate=0.1', '--no-files')).out,
		/difference/u,
	);
	t.is((await run('report', 'sweep', '--format', 'word')).code, 2);
	t.is((await run('report', 'sweep', '--metric', 'test/acuracy')).code, 2);
	t.is((await run('report', 'nowhere')).code, 2);
});

test.serial('no run at all, and a failed one', async (t) => {
	place.write('empty/x', '');
	t.is((await run('report', 'empty')).code, 0);
	makeRun(at('bad/one'), { state: 'failed', reason: 'no memory' });
	const { code, err } = await run('report', 'bad');
	t.is(code, 0);
	t.regex(err, /^one: failed: no memory$/mu);
});
