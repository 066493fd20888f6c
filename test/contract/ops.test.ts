import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { startEngine, stopEngine } from '../../src/engine/backend.ts';
import type { Case } from './cases/case.ts';
import { cases } from './cases/index.ts';
import { examine } from './examine.ts';
import { absent, tiers } from './tiers.ts';

const page = new URL('../../docs/engine-ops.md', import.meta.url);
const columns = ['cpu', 'wasm', 'native'];
const examples = 25;

const verdicts = new Map<string, Map<string, string>>();

for (const { name, backend, threads } of tiers) {
	test.serial(`${name}: every operation has the right value and gradient`, async (t) => {
		await startEngine({ backend, threads });
		const problems: string[] = [];
		for (const [operation, one] of Object.entries(cases)) {
			const known = one.missing?.[backend];
			if (known === undefined) {
				problems.push(...(await wrong(one)).map((problem) => `${operation}: ${problem}`));
			}
			const row = verdicts.get(operation) ?? new Map<string, string>();
			row.set(backend, known ?? 'value, gradient');
			verdicts.set(operation, row);
		}
		await stopEngine();
		t.deepEqual(problems, []);
	});
}

test.serial('the table in the documentation says what was found', async (t) => {
	const text = table();
	if (process.env['UPDATE_DOCS'] === '1' && absent.length === 0) {
		await writeFile(page, text);
	}
	const written = await readFile(page, 'utf8');
	if (absent.length === 0) {
		t.is(written, text);
	} else {
		for (const operation of verdicts.keys()) {
			t.true(written.includes(`| ${operation} |`), operation);
		}
	}
});

// The first wrong example of a case, if any.
async function wrong(one: Case): Promise<string[]> {
	const found = await fc.check(
		fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
			const problem = await examine(one, seed);
			if (problem !== undefined) {
				throw new Error(problem);
			}
		}),
		{ numRuns: examples, seed: 7, endOnFailure: true },
	);
	return found.failed ? [`seed ${found.counterexample}: ${(found.errorInstance as Error).message}`] : [];
}

function table(): string {
	const rows = [...verdicts].map(
		([operation, row]) => `| ${operation} | ${columns.map((tier) => row.get(tier)).join(' | ')} |`,
	);
	return [
		'# Operations and where they are right',
		'',
		'Written by `UPDATE_DOCS=1 npx ava test/contract/ops.test.ts`; the same test fails when this page is out of date.',
		`Each entry stands for ${examples} drawn examples (sizes 1 and odd sizes among them) whose value was compared with a`,
		'float64 reference and whose gradient with central differences of that reference. The wasm and native columns hold for',
		'one and for two threads. An entry in other words is a limit of the stock library on that tier.',
		'',
		`| operation | ${columns.join(' | ')} |`,
		`| --- | ${columns.map(() => '---').join(' | ')} |`,
		...rows,
		'',
	].join('\n');
}
