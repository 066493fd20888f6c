import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EnvironmentError } from '../../../src/core/errors.ts';
import {
	type DurableStep,
	explain,
	guard,
	onDurableStep,
	removeAllLeftovers,
	removeDurable,
	removeLeftovers,
	removeTemporaries,
	renameDurable,
	temporaryName,
	writeFileAtomic,
	writeFileDurable,
	writeJsonAtomic,
} from '../../../src/files/atomic.ts';

test.serial('a write is: temporary file beside it, fsync, rename, fsync of the folder', (t) => {
	const folder = fresh();
	const path = join(folder, 'a.txt');
	const steps = record(() => writeFileAtomic(path, 'hello'));
	t.deepEqual(
		steps.map(({ kind }) => kind),
		['write', 'fsync', 'rename', 'fsync-folder'],
	);
	const [write, , rename, sync] = steps;
	t.regex(write!.path, /\/\.a\.txt\.\d+\.[0-9a-f]{8}\.tmp$/u);
	t.is(Buffer.from(write!.data!).toString(), 'hello');
	t.is(rename!.path, write!.path);
	t.is(rename!.to, path);
	t.is(sync!.path, folder);
	t.is(readFileSync(path, 'utf8'), 'hello');
	t.deepEqual(readdirSync(folder), ['a.txt']);
});

test.serial('whatever step fails, the old content stays and nothing else is left', (t) => {
	for (const kind of ['write', 'fsync', 'rename'] as const) {
		const path = join(fresh(), 'a.txt');
		writeFileAtomic(path, 'old');
		const end = onDurableStep((step) => {
			if (step.kind === kind) {
				throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
			}
		});
		const error = t.throws(() => writeFileAtomic(path, 'new'), { instanceOf: EnvironmentError });
		end();
		t.is(error!.exitCode, 4);
		t.true(error!.message.includes(path) && error!.message.includes('disk is full'));
		t.is(readFileSync(path, 'utf8'), 'old');
		t.deepEqual(readdirSync(join(path, '..')), ['a.txt']);
	}
});

test.serial('a process killed at any step leaves the old or the new content whole', (t) => {
	const module = new URL('../../../src/files/atomic.ts', import.meta.url).pathname;
	for (let at = 1; at <= 4; at += 1) {
		const folder = fresh();
		const path = join(folder, 'a.txt');
		writeFileSync(path, 'old');
		const code = `
			import { onDurableStep, writeFileAtomic } from ${JSON.stringify(module)};
			let left = ${at};
			onDurableStep(() => { left -= 1; if (left === 0) process.kill(process.pid, 'SIGKILL'); });
			writeFileAtomic(${JSON.stringify(path)}, 'new');`;
		const { signal } = spawnSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', code]);
		t.is(signal, 'SIGKILL');
		t.is(readFileSync(path, 'utf8'), at < 4 ? 'old' : 'new');
		removeLeftovers(folder);
		t.deepEqual(readdirSync(folder), ['a.txt']);
	}
});

test('leftovers of living writers and other hidden files stay', (t) => {
	const folder = fresh();
	const mine = `.a.txt.${process.pid}.01234567.tmp`;
	for (const name of [mine, '.hidden', '.a.txt.1.tmp', '.a.999999999.01234567.tmp']) {
		writeFileSync(join(folder, name), '');
	}
	mkdirSync(join(folder, '.step.999999999.89abcdef.tmp'));
	removeLeftovers(folder);
	t.deepEqual(readdirSync(folder).sort(), ['.a.txt.1.tmp', mine, '.hidden'].sort());
	removeTemporaries(folder);
	t.deepEqual(readdirSync(folder).sort(), ['.a.txt.1.tmp', '.hidden']);
});

test('a file whose name is as long as a name may be can be written, and what a dead writer left of it goes', (t) => {
	const folder = fresh();
	const name = 'ä'.repeat(127);
	writeFileAtomic(join(folder, name), 'long');
	t.deepEqual(readdirSync(folder), [name]);
	const leftover = temporaryName(join(folder, name)).replace(`.${process.pid}.`, '.999999999.');
	writeFileSync(leftover, '');
	removeLeftovers(folder, 'another');
	t.true(existsSync(leftover));
	removeLeftovers(folder, name);
	t.deepEqual(readdirSync(folder), [name]);
});

test('JSON ends in a newline and is indented', (t) => {
	const path = join(fresh(), 'a.json');
	writeJsonAtomic(path, { a: [1] });
	t.is(readFileSync(path, 'utf8'), '{\n\t"a": [\n\t\t1\n\t]\n}\n');
});

test('the mode is kept to', (t) => {
	const path = join(fresh(), 'command.sh');
	writeFileAtomic(path, '#!/bin/sh\n', 0o755);
	t.is(statSync(path).mode & 0o100, 0o100);
});

test.serial('renaming and removing sync the folder', (t) => {
	const folder = fresh();
	writeFileDurable(join(folder, 'a'), 'x');
	t.throws(() => writeFileDurable(join(folder, 'a'), 'y'), { code: 'EEXIST' });
	t.deepEqual(
		record(() => renameDurable(join(folder, 'a'), join(folder, 'b'))).map(({ kind }) => kind),
		['rename', 'fsync-folder'],
	);
	mkdirSync(join(folder, 'c'));
	t.deepEqual(
		record(() => {
			removeDurable(join(folder, 'b'));
			removeDurable(join(folder, 'c'));
			removeDurable(join(folder, 'never was'));
		}).map(({ kind }) => kind),
		// A folder goes under another name first: nobody meets half of it.
		['remove', 'fsync-folder', 'rename', 'fsync-folder', 'remove', 'fsync-folder', 'remove', 'fsync-folder'],
	);
	t.false(existsSync(join(folder, 'b')));
});

test('only what the machine fails in becomes an environment error', (t) => {
	for (const code of ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EFBIG', 'EIO']) {
		const cause = Object.assign(new Error(code), { code });
		const error = explain('/somewhere/a.txt', cause);
		t.true(error instanceof EnvironmentError && error.cause === cause && error.message.includes('/somewhere/a.txt'));
	}
	const other = new TypeError('a mistake');
	t.is(explain('/a', other), other);
	t.throws(
		() =>
			guard('/a', () =>
				guard('/b', () => {
					throw Object.assign(new Error(), { code: 'EROFS' });
				}),
			),
		{ message: /^\/b cannot be written: the file system is read-only/u },
	);
});

function fresh(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-atomic-'));
}

function record(action: () => void): DurableStep[] {
	const steps: DurableStep[] = [];
	const end = onDurableStep((step) => steps.push(step));
	try {
		action();
	} finally {
		end();
	}
	return steps;
}

test('leftovers of dead writers go from every folder but those named', (t) => {
	const folder = fresh();
	const { pid } = spawnSync('true');
	const left = (...names: string[]) => {
		const place = join(folder, ...names);
		mkdirSync(place, { recursive: true });
		writeFileSync(join(place, `.a.json.${pid}.0123abcd.tmp`), '');
		return () => readdirSync(place).filter((name) => name.endsWith('.tmp')).length;
	};
	const [top, deep, spared] = [left(), left('configs', 'outside', 'x'), left('scopes', 'a')];
	removeAllLeftovers(folder, ['scopes']);
	t.deepEqual([top(), deep(), spared()], [0, 0, 1]);
});

test.serial('a quota that is used up, a file too large, a read-only disk: the old file stays', (t) => {
	for (const code of ['EDQUOT', 'EFBIG', 'EROFS', 'ENOSPC', 'EACCES', 'EIO']) {
		for (const at of ['write', 'fsync', 'rename'] as const) {
			const folder = fresh();
			const path = join(folder, 'a.txt');
			writeFileSync(path, 'old');
			const stop = onDurableStep(({ kind, path: where }) => {
				if (kind === at && where.startsWith(folder)) {
					throw Object.assign(new Error(code), { code });
				}
			});
			try {
				t.throws(
					() => writeFileAtomic(path, 'new'),
					{ instanceOf: EnvironmentError, message: /cannot be written/u },
					code,
				);
			} finally {
				stop();
			}
			t.is(readFileSync(path, 'utf8'), 'old');
			t.deepEqual(readdirSync(folder), ['a.txt']);
		}
	}
});
