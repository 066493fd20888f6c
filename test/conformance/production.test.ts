import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Case } from './case.ts';
import { type Judged, judge } from './production/judge.ts';
import { isUpToDate } from './production/page.ts';

const file = new URL('./fixtures/own.jsonl', import.meta.url);
const cases = readFileSync(file, 'utf8')
	.trimEnd()
	.split('\n')
	.map((line) => JSON.parse(line) as Case);

test('production answers recorded cases as gin does, or as is declared', async (t) => {
	const judged: Judged[] = [];
	for (const one of cases) {
		judged.push(await judge(one));
	}
	t.deepEqual(
		judged.filter(({ verdict }) => verdict === 'differs').map(({ id, texts }) => [id, ...texts]),
		[],
	);
	t.true(judged.filter(({ verdict }) => verdict === 'same').length > 40);
	t.true(isUpToDate(readFileSync(new URL('../../docs/gin-deviations.md', import.meta.url), 'utf8'), judged));
});

test('a difference that is not declared is one', async (t) => {
	const given = (config: string, expect: Case['expect']): Case => ({
		id: 'x',
		registry: [{ name: 'f', kind: 'function', params: [{ name: 'a', default: 0 }] }],
		config,
		calls: [{ selector: 'f' }],
		expect,
	});
	const verdict = async (one: Case) => (await judge(one)).verdict;
	t.is(await verdict(given('f.a = 1\n', { calls: [{ result: { a: 1 } }] })), 'same');
	t.is(await verdict(given('f.a = 1\n', { calls: [{ result: { a: 2 } }] })), 'differs');
	t.is(await verdict(given('g.a = 1\n', { calls: [{ result: { a: 1 } }] })), 'differs');
	t.is(
		await verdict(given('f.a = 1\n', { error: { code: 'unknown_configurable', message: '', where: [] } })),
		'differs',
	);
});
