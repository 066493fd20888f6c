import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

test.serial('the example run keeps to the specification of run folders', async (t) => {
	const { code, err } = await place.run('runs', 'verify', join(root, 'results/example_run'));
	t.is(code, 0, err);
});

test.serial('the example run evaluates to the numbers it was shipped with', async (t) => {
	const run = join(place.folder, 'example');
	cpSync(join(root, 'results/example_run'), run, { recursive: true, verbatimSymlinks: true });
	const shipped = JSON.parse(readFileSync(join(run, 'eval/test@best.json'), 'utf8')).metrics as Record<string, number>;
	const { code, out, err } = await place.run('evaluate', run, '--json');
	t.is(code, 0, err);
	const now = JSON.parse(out) as Record<string, number>;
	t.is(now['test/accuracy'], shipped['test/accuracy']);
	// Another engine or machine adds in another order.
	t.true(Math.abs(now['test/loss']! - shipped['test/loss']!) < 1e-4);
});
