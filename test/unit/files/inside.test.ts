import { spawnSync } from 'node:child_process';
import {
	closeSync,
	existsSync,
	linkSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { exitCodes, RefusedError } from '../../../src/core/errors.ts';
import { makeFolderInside, namesInside, pathInside } from '../../../src/files/inside.ts';
import { readInside, readRecordInside, readTextInside } from '../../../src/files/reading.ts';
import { openForAppend, writeInside } from '../../../src/files/writing.ts';

test('a regular file is read; one that is missing is undefined', (t) => {
	const { run } = world();
	t.is(readTextInside(run, 'a.txt', 100), 'inside\n');
	t.is(readTextInside(run, 'b.txt', 100), undefined);
	t.is(readTextInside(run, 'a.txt/b.txt', 100), undefined);
	t.is(readTextInside(run, 'eval/a.txt', 100), undefined);
});

test('links inside the folder are followed on the way, not at the end', (t) => {
	const { run } = world();
	mkdirSync(join(run, 'checkpoints/step-1'), { recursive: true });
	writeFileSync(join(run, 'checkpoints/step-1/state.json'), '{}');
	symlinkSync('step-1', join(run, 'checkpoints/last'));
	t.is(readTextInside(run, 'checkpoints/last/state.json', 100), '{}');
	t.deepEqual(namesInside(run, 'checkpoints/last'), ['state.json']);
	symlinkSync('a.txt', join(run, 'link.txt'));
	refused(t, () => readInside(run, 'link.txt', 100), /link\.txt is a link/u);
});

test('security L2: what is no regular file is refused at once: a pipe, a device, a folder, a socket', async (t) => {
	const { run } = world();
	spawnSync('mkfifo', [join(run, 'pipe')]);
	mkdirSync(join(run, 'folder'));
	symlinkSync('/dev/zero', join(run, 'zero'));
	const server = createServer().listen(join(run, 'socket'));
	await new Promise((done) => server.once('listening', done));
	refused(t, () => readInside(run, 'pipe', 100), /is a pipe/u);
	refused(t, () => readInside(run, 'folder', 100), /is a folder/u);
	refused(t, () => readInside(run, 'zero', 100), /is a link/u);
	refused(t, () => readInside(run, 'socket', 100), /is a socket/u);
	refused(t, () => openForAppend(run, 'pipe'), /is a pipe/u);
	server.close();
});

test('security L2: nothing outside is reached, by no name and no link', (t) => {
	const { run, outside } = world();
	symlinkSync(outside, join(run, 'eval'));
	symlinkSync('eval', join(run, 'again'));
	symlinkSync('circle', join(run, 'circle'));
	for (const name of [
		'../outside/mine.txt',
		`${outside}/mine.txt`,
		'eval/mine.txt',
		'again/mine.txt',
		'circle/x',
		'.',
	]) {
		refused(t, () => readInside(run, name, 100));
		refused(t, () => writeInside(run, name, 'changed'));
		refused(t, () => closeSync(openForAppend(run, name)));
	}
	refused(t, () => namesInside(run, 'eval'));
	refused(t, () => makeFolderInside(run, 'eval/new'));
	refused(t, () => makeFolderInside(run, 'a.txt'), /a\.txt is no folder/u);
	t.is(readFileSync(join(outside, 'mine.txt'), 'utf8'), 'mine\n');
	t.false(existsSync(join(outside, 'new')));
});

test('the folder itself may be a link', (t) => {
	const { run, outside } = world();
	symlinkSync(run, join(outside, 'run'));
	writeInside(join(outside, 'run'), 'eval/a.json', '{}');
	t.is(readTextInside(join(outside, 'run'), 'eval/a.json', 10), '{}');
	t.is(realpathSync(pathInside(join(outside, 'run'), 'eval/a.json')), join(run, 'eval/a.json'));
});

test('security L3: a larger file than its kind may be is refused unread, with both sizes', (t) => {
	const { run } = world();
	writeFileSync(join(run, 'huge.json'), '');
	truncateSync(join(run, 'huge.json'), 2 ** 40);
	refused(t, () => readInside(run, 'huge.json', 1000), /huge\.json has 1099511627776 bytes; at most 1000/u);
});

test('security L3, L5: a record is checked: no JSON, too deep, another schema, a field, a later version', (t) => {
	const { run } = world();
	const schema = z.looseObject({ schema: z.literal('gimlet.test/1'), step: z.int() });
	const read = (text: string) => {
		writeFileSync(join(run, 'r.json'), text);
		return readRecordInside(run, 'r.json', schema, 2 ** 20);
	};
	t.deepEqual(read('{"schema":"gimlet.test/1","step":3,"more":"[[{"}'), {
		...{ schema: 'gimlet.test/1', step: 3, more: '[[{' },
	});
	refused(t, () => read('{'), /r\.json is no JSON/u);
	refused(t, () => read('null'), /r\.json: the whole: /u);
	refused(t, () => read('['.repeat(100_000)), /r\.json has more than 100 brackets open/u);
	refused(t, () => read('{"__proto__":1}'), /__proto__/u);
	refused(t, () => read('{"\\u005f_proto__":1}'), /__proto__/u);
	refused(t, () => read('{"schema":"gimlet.test/1","step":"abc"}'), /r\.json: step: .*number/u);
	refused(t, () => read('{"schema":"other","step":1}'), /r\.json has the layout "other"/u);
	const newer = refused(t, () => read('{"schema":"gimlet.test/12","step":1}'), /reads up to gimlet\.test\/1/u);
	t.is(newer.code, 'file.newer');
	const line = refused(t, () => read('{"a\\u001b[2J\n')).message;
	t.notRegex(line, /\p{Cc}/u);
});

test('a file that has other names becomes one of its own before it is appended to', (t) => {
	const { run, outside } = world();
	linkSync(join(outside, 'mine.txt'), join(run, 'stdout.txt'));
	const file = openForAppend(run, 'stdout.txt');
	writeSync(file, 'more\n');
	closeSync(file);
	t.is(readFileSync(join(outside, 'mine.txt'), 'utf8'), 'mine\n');
	t.is(readFileSync(join(run, 'stdout.txt'), 'utf8'), 'mine\nmore\n');
});

function world(): { readonly run: string; readonly outside: string } {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-inside-')));
	const [run, outside] = [join(folder, 'run'), join(folder, 'outside')];
	mkdirSync(run);
	mkdirSync(outside);
	writeFileSync(join(run, 'a.txt'), 'inside\n');
	writeFileSync(join(outside, 'mine.txt'), 'mine\n');
	return { run, outside };
}

function refused(t: { throws: import('ava').ThrowsAssertion }, action: () => unknown, message = /./u): RefusedError {
	const error = t.throws(action, { instanceOf: RefusedError, message })! as RefusedError;
	if (error.exitCode !== exitCodes.refused) {
		throw new Error(`exit code ${error.exitCode}`);
	}
	return error;
}
