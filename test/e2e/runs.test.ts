import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeRun } from '../fixtures/runs.ts';
import { json, scratch, tiny, weights, withoutTimes } from './programs.ts';

const place = scratch();
const { at, run } = place;
const config = place.write('tiny.gin', tiny);
process.env['RESULTS_DIR'] = at('results');
test.after.always(() => place.remove());

test.serial('a run is listed right after training, with its figures, and shown in full', async (t) => {
	t.is((await run('train', 'results/a', config)).code, 0);
	makeRun(at('results/group/b'), { state: 'failed', reason: 'no memory', config: { 'adam.learning_rate': '0.5' } });
	makeRun(at('results/group/cut'), { state: 'running', config: {} });
	const { code, out, err } = await run('runs', 'list', '--columns', 'state,epoch,adam.learning_rate,age');
	t.is(code, 0, err);
	t.regex(out, /^a +finished +3 +0\.001 +\d+ s$/mu);
	t.regex(out, /^group\/b +failed +0 +0\.5 /mu);
	t.regex(out, /^group\/cut +stale /mu);
	t.is(err, '3 runs: 1 failed, 1 finished, 1 stale');
	const shown = JSON.parse((await run('runs', 'show', 'a', '--json')).out) as Record<string, Record<string, unknown>>;
	const summary = json(at('results/a'), 'summary.json') as {
		test: Record<string, number>;
		last: Record<string, number>;
	};
	t.is(shown['metrics']!['test/accuracy'], summary.test['test/accuracy']);
	t.is((shown['history']!['train/loss'] as number[]).at(-1), summary.last['train/loss']);
	t.is(shown['config']!['mlp.dropout'], 0.2);
});

test.serial('filters, order and JSON', async (t) => {
	const list = async (...args: string[]) =>
		JSON.parse((await run('runs', 'list', '--json', ...args)).out) as Array<{ run: string }>;
	t.deepEqual(
		(await list('--state', 'failed,stale')).map((row) => row.run),
		['group/b', 'group/cut'],
	);
	t.deepEqual(
		(await list('--where', 'adam.learning_rate<0.01')).map((row) => row.run),
		['a'],
	);
	t.deepEqual(
		(await list('--sort', '-adam.learning_rate')).map((row) => row.run),
		['group/b', 'a', 'group/cut'],
	);
	const typo = await run('runs', 'list', '--where', 'adam.lerning_rate<1');
	t.is(typo.code, 2);
	t.regex(typo.err, /adam\.learning_rate/u);
	t.is((await run('runs', 'list', '--state', 'finnished')).code, 2);
	t.is((await run('runs', 'list', at('none'))).code, 2);
});

test.serial('what differs between runs, and tables for other programs', async (t) => {
	t.is((await run('train', 'results/c', config, '-b', 'adam.learning_rate=0.02')).code, 0);
	const { out } = await run('runs', 'compare', 'a', 'c');
	t.regex(out, /^adam\.learning_rate +0\.001 +0\.02$/mu);
	t.notRegex(out, /mlp\.units/u);
	const { out: table } = await run('runs', 'export', 'results', '--history', '--state', 'finished');
	t.is(table.split('\n').length, 1 + 2 * 3);
	t.regex(table, /^run,epoch,step,/u);
	t.regex((await run('runs', 'export', 'results')).out, /^run,state,.*adam\.learning_rate/u);
});

test.serial('a killed run, even one moved elsewhere, is completed by "runs resume"', async (t) => {
	for (const [name, moved] of [
		['k', 'k'],
		['m', 'moved'],
	] as const) {
		t.is((await run('train', `results/${name}`, config, '-b', 'training_loop.max_steps=10')).code, 0);
		const status = json(at('results', name), 'status.json');
		t.like(status, { state: 'partial', reason: 'max_steps = 10' });
		renameSync(at('results', name), at('results', moved));
		const dry = await run('runs', 'resume', moved, '--dry-run');
		t.is(dry.code, 0, dry.err);
		t.regex(dry.out, moved === name ? /max_steps=10/u : /moved\/config\.gin$/u);
	}
	const started = place.start('train', 'results/killed', config, '-b', 'training_loop.n_epochs=60#blobs.n=1200');
	await t.notThrowsAsync(async () => {
		for await (const chunk of started.stderr) {
			if (/epoch +2\/60/u.test(String(chunk))) {
				break;
			}
		}
	});
	started.kill('SIGTERM');
	await started;
	t.is(json(at('results/killed'), 'status.json')['state'], 'interrupted');
	const { code, err } = await run('runs', 'resume', 'killed');
	t.is(code, 0, err);
	t.is(json(at('results/killed'), 'status.json')['state'], 'finished');
	t.is((await run('train', 'results/straight', config, '-b', 'training_loop.n_epochs=60#blobs.n=1200')).code, 0);
	t.is(weights(at('results/killed')), weights(at('results/straight')));
	t.is(withoutTimes(at('results/killed/history.csv')), withoutTimes(at('results/straight/history.csv')));
});

test.serial(
	'a run whose record names another program goes on from its own config, and that program is not started (security N3)',
	async (t) => {
		const argv = ['/usr/bin/touch', at('results/a'), at('PWNED')];
		place.write('results/a/meta.json', JSON.stringify({ ...json(at('results/a'), 'meta.json'), argv, cwd: at() }));
		const { code, out, err } = await run('runs', 'resume', 'a');
		t.is(code, 0, err);
		t.is(out, at('results/a'));
		t.regex(err, /records no command of train.*\n.*already complete/u);
		t.false(existsSync(at('PWNED')));
	},
);

test.serial('removal goes to the trash and refuses what it must', async (t) => {
	t.is((await run('runs', 'keep', 'c', '--note', 'the paper')).code, 0);
	t.is(readFileSync(at('results/c/KEEP'), 'utf8'), 'the paper\n');
	place.write('outside/status.json', readFileSync(at('results/a/status.json')));
	for (const name of ['c', '../outside', at('outside'), 'group', at('results')]) {
		t.is((await run('runs', 'rm', 'a', name)).code, 3, name);
		t.true(existsSync(at('results/a')), 'nothing is moved where one name is refused');
	}
	t.is((await run('runs', 'rm', 'a', '--dry-run')).code, 0);
	t.true(existsSync(at('results/a')));
	const { code, out } = await run('runs', 'rm', 'a');
	t.is(code, 0);
	t.is(out, at('results/.trash/a'));
	t.true(existsSync(join(out, 'config.gin')));
	t.is((await run('runs', 'keep', 'c', '--off')).code, 0);
	t.is((await run('runs', 'rm', 'c')).code, 0);
});

test.serial('the index may be stale, wrong or gone', async (t) => {
	t.is((await run('runs', 'reindex')).code, 0);
	const before = await run('runs', 'list', '--json');
	writeFileSync(at('results/.gimlet-index.json'), 'rubbish');
	t.is((await run('runs', 'list', '--json')).out, before.out);
	t.is((await run('runs', 'list', '--json', '--no-index')).out, before.out);
});
