import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const page = readFileSync('docs/security.md', 'utf8');
const sentences = [...page.matchAll(/^- (?:\*\*([A-Z]\d+)\*\* )?.*$/gmu)];
const numbers = sentences.flatMap(([, number]) => number ?? []);

/** Numbers in the titles of tests, as in `security T1, N2`. */
const tested = readdirSync('test', { recursive: true, encoding: 'utf8' })
	.filter((name) => name.endsWith('.test.ts') && !name.startsWith('rules'))
	.flatMap((name) => [...readFileSync(join('test', name), 'utf8').matchAll(/\bsecurity ([A-Z]\d+(?:, [A-Z]\d+)*)\b/gu)])
	.flatMap(([, list]) => list!.split(', '));

test('every sentence of docs/security.md has a number of its own', (t) => {
	t.true(numbers.length > 10);
	t.is(numbers.length, sentences.length);
	t.is(new Set(numbers).size, numbers.length);
});

test('every sentence of docs/security.md has a test, and every such test a sentence', (t) => {
	t.deepEqual(
		numbers.filter((number) => !tested.includes(number)),
		[],
	);
	t.deepEqual(
		tested.filter((number) => !numbers.includes(number)),
		[],
	);
});
