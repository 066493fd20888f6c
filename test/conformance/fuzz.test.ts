import test from 'ava';
import { dice } from '../../scripts/gin-mutations.ts';
import { fuzz } from './fuzz/differ.ts';
import { generatePair } from './fuzz/generate.ts';
import { compareProduction } from './production/compare.ts';
import { runProduction } from './production/run-case.ts';
import { runCase } from './run-case.ts';

test('random configs in mixed spellings mean the same to the host and to production', async (t) => {
	const { values, different } = await fuzz(3000, 20);
	t.true(values >= 3000);
	t.deepEqual(different, []);
});

test('a config that means something else is seen to differ', async (t) => {
	const { host, production } = generatePair(dice(3), 'other');
	const other = [...(production.config ?? []), 'lab.leaf.x = 12345\n'];
	const given = { ...production, config: other, expect: runCase(host) };
	const { differences } = compareProduction(given, await runProduction(given));
	t.true(differences.length > 0);
});
