import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Case, Json } from './case.ts';
import { differences } from './compare.ts';
import { runCase } from './run-case.ts';

const file = new URL('./fixtures/own.jsonl', import.meta.url);
const cases = readFileSync(file, 'utf8')
	.trimEnd()
	.split('\n')
	.map((line) => JSON.parse(line) as Case);

for (const one of cases) {
	test(`gin behaves as recorded: ${one.id}`, (t) => {
		t.deepEqual(differences(one, runCase(one)), []);
	});
}

const recorded: Json = {
	calls: [
		{
			result: {
				a: 1,
				b: { $float: '1.0' },
				c: {
					$dict: [
						[1, 'x'],
						[null, 2],
					],
				},
			},
		},
		{ error: { code: 'locked', where: [] } },
	],
};

function differs(actual: Json): boolean {
	const one = { id: 'x', expect: recorded } as unknown as Case;
	return differences(one, actual as Record<string, Json>).length > 0;
}

test('the comparison sees through the order of dicts, and nothing else', (t) => {
	const error = { error: { kind: 'RuntimeError', code: 'locked', message: 'any' } };
	const result = (value: Json): Json => ({ calls: [{ result: value }, error] });
	t.false(
		differs(
			result({
				$dict: [
					[
						'c',
						{
							$dict: [
								[null, 2],
								[1, 'x'],
							],
						},
					],
					['b', { $float: '1' }],
					['a', 1],
				],
			}),
		),
	);
	t.true(
		differs(
			result({
				a: true,
				b: { $float: '1.0' },
				c: {
					$dict: [
						[1, 'x'],
						[null, 2],
					],
				},
			}),
		),
	);
	t.true(
		differs(
			result({
				a: 1,
				b: 1,
				c: {
					$dict: [
						[1, 'x'],
						[null, 2],
					],
				},
			}),
		),
	);
	t.true(
		differs(
			result({
				a: 1,
				b: { $float: '1.0' },
				c: {
					$dict: [
						[true, 'x'],
						[null, 2],
					],
				},
			}),
		),
	);
	t.true(differs(result({ a: 1, b: { $float: '1.0' } })));
});

test('the comparison of errors counts the code and the places', (t) => {
	const result = (recorded as { calls: Json[] }).calls[0]!;
	const error = (code: string, where: Json[]): Json => ({
		calls: [result, { error: { kind: 'E', code, message: 'm', where } }],
	});
	t.false(differs(error('locked', [])));
	t.true(differs(error('other', [])));
	t.true(differs(error('locked', [{ file: null, line: 1 }])));
	t.true(differs({ calls: [result, { result: null }] }));
});
