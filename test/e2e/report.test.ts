import { readdirSync, readFileSync } from 'node:fs';
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
			columns: { 'valid/loss': 'min', 'test/loss': 'min' },
		});
	});
}

test.serial('a report on any folder: table, plot, page and tables as files', async (t) => {
	const { code, out, err } = await run('report', 'sweep');
	t.is(code, 0, err);
	t.regex(out, /^ +0\.1 +2 +2 +0\.15 /mu);
	t.regex(out, /^valid\/loss at the last epoch: mean/mu);
	t.regex(out, /^adam\.learning_rate = 0\.1 .*● *.* 0\.15$/mu);
	t.regex(readFileSync(at('sweep/report.csv'), 'utf8'), /^0\.01,2,2,0\.35/mu);
	t.regex(readFileSync(at('sweep/report-runs.csv'), 'utf8'), /^0\.1-1,0\.1,1,finished,2,0\.9,/mu);
	const page = readFileSync(at('sweep/report.html'));
	t.is((await run('report', 'sweep')).code, 0);
	t.deepEqual(readFileSync(at('sweep/report.html')), page);
});

test.serial('formats and choices', async (t) => {
	const json = JSON.parse(
		(await run('report', 'sweep', '--format', 'json', '--metric', 'valid/loss', '--no-files')).out,
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

test.serial('the figures of report.csv are those worked out anew from the run folders', async (t) => {
	for (const [position, rate] of [0.1, 0.01, 0.001].entries()) {
		for (const seed of [1, 2, 3, 4]) {
			makeRun(at('figures', `${rate}-${seed}`), {
				...(rate === 0.1 && seed === 4 ? { state: 'failed', reason: 'no memory' } : {}),
				config: { 'adam.learning_rate': String(rate), 'train.seed': String(seed) },
				history: { epoch: [0, 1], 'valid/loss': [1, 0.5] },
				test: { 'valid/accuracy': 0.9 - position / 10 + Math.sin(seed * (position + 2)) / 40 },
				columns: { 'valid/accuracy': 'max' },
			});
		}
	}
	const { code, err } = await run('report', 'figures', '--baseline', 'adam.learning_rate=0.01');
	t.is(code, 0, err);
	const [header = [], ...rows] = readFileSync(at('figures/report.csv'), 'utf8')
		.trimEnd()
		.split('\n')
		.map((line) => line.split(','));
	t.is(rows.length, 3);
	const baseline = accuracies('0.01');
	for (const row of rows) {
		const shown = Object.fromEntries(header.map((name, column) => [name, row[column]!]));
		const own = accuracies(shown['adam.learning_rate']!);
		const spread = spreadOf([...own.values()]);
		const pairs = [...own].filter(([seed]) => baseline.has(seed)).map(([seed, value]) => value - baseline.get(seed)!);
		const difference = spreadOf(pairs);
		const isBaseline = shown['adam.learning_rate'] === '0.01';
		const expected: Record<string, number> = {
			runs: 4,
			finished: own.size,
			mean: spread.mean,
			sd: spread.sd,
			ci_low: spread.mean - spread.half,
			ci_high: spread.mean + spread.half,
			best: Math.max(...own.values()),
			...(isBaseline
				? {}
				: {
						difference: difference.mean,
						difference_low: difference.mean - difference.half,
						difference_high: difference.mean + difference.half,
						pairs: pairs.length,
						p: 2 * (1 - below(Math.abs(difference.mean / (difference.sd / Math.sqrt(pairs.length))), pairs.length - 1)),
					}),
		};
		for (const [name, value] of Object.entries(expected)) {
			t.true(Math.abs(Number(shown[name]) - value) < 1e-9, `${name}: ${shown[name]} instead of ${value}`);
		}
	}
});

/** The accuracies of the finished runs of one learning rate, by seed, from the files alone. */
function accuracies(rate: string): Map<string, number> {
	const found = new Map<string, number>();
	for (const name of readdirSync(at('figures')).filter((entry) => entry.startsWith(`${rate}-`))) {
		const read = (file: string) => JSON.parse(readFileSync(at('figures', name, file), 'utf8'));
		if (read('status.json').state === 'finished') {
			found.set(name.slice(rate.length + 1), read('summary.json').test['valid/accuracy']);
		}
	}
	return found;
}

function spreadOf(values: readonly number[]) {
	const mean = values.reduce((sum, value) => sum + value) / values.length;
	const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
	// The 97.5 % points of Student's t, from a printed table extended by its closed forms.
	const points: Record<number, number> = { 2: 4.302652729749464, 3: 3.182446305284263 };
	return { mean, sd, half: (points[values.length - 1]! * sd) / Math.sqrt(values.length) };
}

/** Student's t for two and three degrees of freedom has closed forms. */
function below(t: number, freedom: number): number {
	return freedom === 2
		? 0.5 + t / (2 * Math.sqrt(2 + t * t))
		: 0.5 + (t / Math.sqrt(3) / (1 + (t * t) / 3) + Math.atan(t / Math.sqrt(3))) / Math.PI;
}

test.serial('no run at all, and a failed one', async (t) => {
	place.write('empty/x', '');
	t.is((await run('report', 'empty')).code, 0);
	makeRun(at('bad/one'), { state: 'failed', reason: 'no memory' });
	const { code, err } = await run('report', 'bad');
	t.is(code, 0);
	t.regex(err, /^one: failed: no memory$/mu);
});
