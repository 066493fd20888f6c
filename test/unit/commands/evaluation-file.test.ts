import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeEvaluation } from '../../../src/commands/training/outcome.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-evaluation-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('an evaluation replaces what the same code said of a former state, and nothing else (security R7)', (t) => {
	const write = (loss: number, step: number, differs?: readonly string[]) =>
		writeEvaluation(
			folder,
			'test',
			'last',
			{ metrics: { 'test/loss': loss }, epoch: 1, step },
			9,
			...(differs === undefined ? [] : [{ tag: '0a1b2c3d', differs }]),
		);
	const read = (name: string) => JSON.parse(readFileSync(join(folder, 'eval', name), 'utf8')).metrics['test/loss'];
	const names = () => readdirSync(join(folder, 'eval')).sort();
	write(1, 3);
	write(1, 3, []);
	t.deepEqual(names(), ['test@last.json']);
	write(2, 3, ['engine: wasm -> native']);
	t.deepEqual(
		[names(), read('test@last.json'), read('test@last~0a1b2c3d.json')],
		[['test@last.json', 'test@last~0a1b2c3d.json'], 1, 2],
	);
	write(3, 3, []);
	t.deepEqual([read('test@last.json'), read('test@last~0a1b2c3d.json')], [1, 3], 'the same code, but other figures');
	write(4, 6, []);
	t.is(read('test@last.json'), 4, 'the run has gone on');
	write(5, 6);
	t.is(read('test@last.json'), 5, 'the run itself');
});
