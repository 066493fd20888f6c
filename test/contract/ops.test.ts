import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { stopEngine } from '../../src/engine/backend.ts';
import type { Case } from './cases/case.ts';
import { cases } from './cases/index.ts';
import { examine, type Note } from './examine.ts';
import { examineSpecial } from './special.ts';
import { absent, narrower, startTier, tiers } from './tiers.ts';

const page = new URL('../../docs/engine-ops.md', import.meta.url);
const columns = ['cpu', 'wasm', 'native', 'gpu'];
/** How many the page is written from, and how many of them a test repeats. */
const examples = 40;
const writes = process.env['UPDATE_DOCS'] === '1';
const repeated = (slow: boolean) => (writes ? examples : slow ? 2 : 8);

/** What is known of an operation on a tier: a limit in words, or the largest errors found. */
interface Verdict {
	readonly limit?: string;
	readonly value: number;
	readonly gradient: number;
}

const verdicts = new Map<string, Map<string, Verdict>>();

for (const { backend, reason } of absent) {
	test(`${backend}: skipped, because this machine has none`, (t) => {
		t.log(reason);
		t.pass();
	});
}

for (const tier of tiers) {
	const { name, backend, slow = false } = tier;
	test.serial(`${name}: every operation has the right value and gradient, of NaN and infinities too`, async (t) => {
		t.timeout(20 * 60_000);
		await startTier(tier);
		const problems: string[] = [];
		for (const [operation, one] of Object.entries(cases)) {
			const limit = one.missing?.[backend];
			const row = verdicts.get(operation) ?? new Map<string, Verdict>();
			const largest = { value: 0, gradient: 0, ...row.get(backend) };
			if (limit === undefined) {
				const found = await wrong(one, repeated(slow), (what, error) => {
					largest[what] = Math.max(largest[what], error);
				});
				problems.push(...found.map((problem) => `${operation}: ${problem}`));
			}
			problems.push(...(tier.threads === 1 ? await examineSpecial(operation, one, backend) : []));
			row.set(backend, { ...largest, ...(limit !== undefined && { limit }) });
			verdicts.set(operation, row);
		}
		await stopEngine();
		t.deepEqual(problems, []);
	});
}

for (const tier of narrower) {
	test.serial(`${tier.name}: NaN and infinities go through every operation as defined`, async (t) => {
		await startTier(tier);
		const problems: string[] = [];
		for (const [operation, one] of Object.entries(cases)) {
			problems.push(...(await examineSpecial(operation, one, tier.backend)));
		}
		await stopEngine();
		t.deepEqual(problems, []);
	});
}

test.serial('the table in the documentation says what was found', async (t) => {
	const text = table();
	if (writes && absent.length === 0) {
		await writeFile(page, text);
	}
	t.deepEqual(withoutErrors(await readFile(page, 'utf8')), withoutErrors(text));
});

// The lines of the page in the columns of the tiers that are here. Errors differ a little from one machine's instructions to
// another's.
function withoutErrors(text: string): string[] {
	const gone = absent.map(({ backend }) => columns.indexOf(backend) + 2);
	return text
		.replaceAll(/ \d(?:e-\d+)?(?=,| \|)/gu, ' e')
		.split('\n')
		.map((line) => line.split('|'))
		.map((cells) => cells.filter((_, i) => cells.length === 1 || !gone.includes(i)).join('|'));
}

// The first wrong example of a case, if any.
async function wrong(one: Case, numRuns: number, note: Note): Promise<string[]> {
	const found = await fc.check(
		fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
			const problem = await examine(one, seed, note);
			if (problem !== undefined) {
				throw new Error(problem);
			}
		}),
		{ numRuns: one.fixed === true ? 1 : numRuns, seed: 7, endOnFailure: true },
	);
	return found.failed ? [`seed ${found.counterexample}: ${(found.errorInstance as Error).message}`] : [];
}

function cell(verdict: Verdict | undefined): string {
	return verdict?.limit ?? `${rounded(verdict?.value)}, ${rounded(verdict?.gradient)}`;
}

// Upwards, to one figure; what float64 itself cannot tell apart is an exact zero.
function rounded(error = 0): string {
	if (error < 1e-12) {
		return '0';
	}
	const power = Math.floor(Math.log10(error));
	const figure = Math.ceil(error / 10 ** power);
	return figure > 9 ? `1e${power + 1}` : `${figure}e${power}`;
}

function table(): string {
	const rows = [...verdicts].map(
		([operation, row]) => `| ${operation} | ${columns.map((tier) => cell(row.get(tier))).join(' | ')} |`,
	);
	return [
		'# Operations and where they are right',
		'',
		'Written by `UPDATE_DOCS=1 npx ava test/contract/ops.test.ts`; the same test fails when this page is out of date.',
		`Each entry stands for ${examples} drawn examples (sizes 1 and odd sizes among them) whose value was compared with a`,
		'float64 reference and whose gradient with central differences of that reference: the largest error of the value, then',
		'of the gradient, as a share of the largest value or of 1. A float32 has 6e-8. The wasm and native columns hold for one',
		'and for two threads; the gpu column is of WebGPU on a software adapter (SwiftShader). An entry in words is a limit of',
		'the stock library on that tier.',
		'',
		`| operation | ${columns.join(' | ')} |`,
		`| --- | ${columns.map(() => '---').join(' | ')} |`,
		...rows,
		'',
	].join('\n');
}
