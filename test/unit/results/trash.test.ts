import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { planRemoval, trash } from '../../../src/results/trash.ts';
import { acquireLease } from '../../../src/run/lease.ts';
import { madeFolder, makeRun } from '../../fixtures/runs.ts';

const { folder, remove } = madeFolder();
const results = join(folder, 'results');
test.after.always(remove);

test('runs go to the trash under free names', (t) => {
	for (const expected of ['one', 'one.2', 'one.3']) {
		makeRun(join(results, 'deep/one'));
		t.is(trash(planRemoval('deep/one', results), results), join(results, '.trash', expected));
	}
	t.false(existsSync(join(results, 'deep/one')));
	t.throws(() => planRemoval('.trash/one', results), { message: /in the trash/u });
});

test('what is outside, no run, in use or kept stays', (t) => {
	makeRun(join(folder, 'outside'));
	mkdirSync(join(results, 'plain'), { recursive: true });
	const used = makeRun(join(results, 'used'), { state: 'running' });
	const lease = acquireLease(used);
	t.teardown(() => lease.release());
	writeFileSync(join(makeRun(join(results, 'kept')), 'KEEP'), '');
	const cases = {
		'../outside': /not inside/u,
		[join(folder, 'outside')]: /not inside/u,
		'.': /not inside|no run/u,
		plain: /no run folder/u,
		used: /in use/u,
		kept: /kept/u,
		none: /does not exist/u,
	};
	for (const [name, message] of Object.entries(cases)) {
		t.throws(() => planRemoval(name, results), { message }, name);
	}
	t.true(existsSync(join(folder, 'outside')));
});
