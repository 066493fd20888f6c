import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { EnvironmentError } from '../../../src/core/errors.ts';
import { sha256 } from '../../../src/data/digest.ts';
import { drawSplit, type SplitIndex, type SplitRequest, splitIndex, splitPath } from '../../../src/data/split.ts';
import { onDurableStep } from '../../../src/files/atomic.ts';

const request: SplitRequest = { pool: 20, valid: 4, test: 3, fixedTest: 2, seed: 5 };
const folder = (): string => mkdtempSync(join(tmpdir(), 'gimlet-split-'));

const lists = ({ train, valid, test }: SplitIndex) => [train, valid, test].map((ids) => [...ids]);

const requests = fc
	.record({
		pool: fc.integer({ min: 3, max: 400 }),
		validShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
		testShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
		fixedTest: fc.integer({ min: 0, max: 50 }),
		seed: fc.nat(),
	})
	.map(({ pool, validShare, testShare, ...rest }) => ({
		pool,
		valid: Math.floor(pool * validShare),
		test: Math.floor(pool * testShare),
		...rest,
	}));

test('whatever the sizes: every example in one split, sizes as asked for, a fixed test split stays whole', (t) => {
	fc.assert(
		fc.property(requests, (asked) => {
			const { train, valid, test } = drawSplit(asked);
			t.is(valid.length, asked.valid);
			t.is(test.length, asked.test + asked.fixedTest);
			t.is(train.length, asked.pool - asked.valid - asked.test);
			const all = [...train, ...valid, ...test].sort((a, b) => a - b);
			t.deepEqual(all, [...all.keys()]);
			const fixed = Array.from({ length: asked.fixedTest }, (_, i) => asked.pool + i);
			t.deepEqual([...test].slice(asked.test), fixed);
		}),
		{ numRuns: 100 },
	);
});

test('the same request gives the same index, another seed another', (t) => {
	t.deepEqual(drawSplit(request), drawSplit({ ...request }));
	t.notDeepEqual(lists(drawSplit(request)), lists(drawSplit({ ...request, seed: 6 })));
});

test('an index is drawn once, stored, and read from then on', (t) => {
	const dir = folder();
	const drawn = splitIndex(dir, request);
	const text = readFileSync(splitPath(dir, request), 'utf8');
	// Another division, stored in its place with its own hash: what is stored is what counts.
	const [head, index] = text.trimEnd().slice(0, -1).split('\n"index":') as [string, string];
	const { train, valid, test } = JSON.parse(index);
	const swapped = JSON.stringify({
		request,
		train: [...train.slice(1), valid[0]],
		valid: [...valid.slice(1), train[0]],
		test,
	});
	const hash = sha256(Buffer.from(swapped));
	writeFileSync(splitPath(dir, request), `${head.replace(drawn.sha256, hash)}\n"index":${swapped}}\n`);
	const read = splitIndex(dir, request);
	t.is(read.sha256, hash);
	t.true([...read.train].includes(valid[0]));
});

test('a request of other sizes or another seed has an index of its own', (t) => {
	const dir = folder();
	splitIndex(dir, request);
	splitIndex(dir, { ...request, seed: 6 });
	splitIndex(dir, { ...request, valid: 5 });
	splitIndex(dir, { ...request, test: 0 });
	t.is(readdirSync(dir).length, 4);
});

test('it is not stored where that is not wanted, nor where there is no folder', (t) => {
	const dir = folder();
	t.deepEqual(splitIndex(dir, request, false), drawSplit(request));
	t.deepEqual(splitIndex(join(dir, 'none'), request), drawSplit(request));
	t.deepEqual(readdirSync(dir), []);
});

const damages: readonly [string, (text: string) => string, RegExp][] = [
	[
		'a number changed',
		(text) => text.replace(/"train":\[(\d+),/u, '"train":[19,'),
		/have the sha256 .*, not the recorded/,
	],
	['cut off', (text) => text.slice(0, 90), /JSON|Unexpected|Unterminated/],
	['empty', () => '', /JSON/],
	['other JSON', () => '{"sha256": "0", "index": {"request": null}}', /holds no index/],
	['a list', () => '[]', /holds no index/],
	['null', () => 'null', /holds no index/],
];

for (const [what, damage, message] of damages) {
	test(`a stored index that is ${what} is refused, with what to do`, (t) => {
		const dir = folder();
		splitIndex(dir, request);
		const path = splitPath(dir, request);
		writeFileSync(path, damage(readFileSync(path, 'utf8')));
		const error = t.throws(() => splitIndex(dir, request), { instanceOf: EnvironmentError, message });
		t.true(error.message.includes(path));
		t.regex(error.message, /Remove the file to have it made again/);
	});
}

function forged(change: (index: Record<string, unknown>) => Record<string, unknown>): () => SplitIndex {
	const dir = folder();
	const { train, valid, test } = drawSplit(request);
	const index = JSON.stringify(change({ request, train: [...train], valid: [...valid], test: [...test] }));
	writeFileSync(splitPath(dir, request), `{"sha256":"${sha256(Buffer.from(index))}","index":${index}}`);
	return () => splitIndex(dir, request);
}

test('an index with a true hash but an example in two splits, missing, unknown, or of another source is refused', (t) => {
	t.notThrows(forged((index) => index));
	const message = /cannot be used: example \d+ is in two splits/;
	t.throws(
		forged((index) => ({ ...index, valid: (index['train'] as number[]).slice(0, 4) })),
		{ message },
	);
	t.throws(
		forged((index) => ({ ...index, train: (index['train'] as number[]).slice(1) })),
		{ message: /names 21 examples of 22/ },
	);
	t.throws(
		forged((index) => ({ ...index, train: [...(index['train'] as number[]).slice(1), 22] })),
		{ message: /example 22 .*not among the 22/ },
	);
	t.throws(
		forged((index) => ({ ...index, request: { ...request, pool: 21 } })),
		{ message: /it divides .*21.*, not .*20/ },
	);
});

test.serial('a disk that cannot be written to: the same index each time, and said once', (t) => {
	const dir = folder();
	t.teardown(
		onDurableStep(({ path }) => {
			if (path.startsWith(dir)) {
				throw Object.assign(new Error('read-only'), { code: 'EROFS' });
			}
		}),
	);
	const told: string[] = [];
	const say = (text: string) => told.push(text);
	t.deepEqual(splitIndex(dir, request, true, say), drawSplit(request));
	t.deepEqual(splitIndex(dir, { ...request, seed: 6 }, true, say), drawSplit({ ...request, seed: 6 }));
	t.is(told.length, 1);
	t.regex(told[0]!, /drawn from its seed each time.*cannot be written: the file system is read-only/);
	t.deepEqual(readdirSync(dir), []);
});
