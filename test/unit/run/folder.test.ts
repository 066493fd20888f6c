import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { GimletError, RefusedError } from '../../../src/core/errors.ts';
import { onDurableStep } from '../../../src/files/atomic.ts';
import { createRunFolder, inspectFolder, moveAside } from '../../../src/run/folder.ts';
import { acquireLease } from '../../../src/run/lease.ts';
import { reserveVersion } from '../../../src/run/version.ts';

test('each thing a save path can be is told apart', (t) => {
	const place = newPlace();
	t.is(inspectFolder(join(place, 'none')).kind, 'absent');
	t.is(inspectFolder(place).kind, 'empty');
	createRunFolder(join(place, 'run'), {});
	t.like(inspectFolder(join(place, 'run')), { kind: 'run', schema: 'gimlet.status/1', status: { state: 'prepared' } });
	t.deepEqual(inspectFolder(place), { kind: 'foreign', entries: ['run'], count: 1 });
	writeFileSync(join(place, 'file'), '');
	t.is(inspectFolder(join(place, 'file')).kind, 'file');
	writeFileSync(join(place, 'run', 'status.json'), '{"schema":"gimlet.status/99"}');
	t.deepEqual(inspectFolder(join(place, 'run')), { kind: 'run', schema: 'gimlet.status/99', status: undefined });
});

test('a run is created in a new or empty folder, with its files', (t) => {
	const place = newPlace();
	for (const path of [join(place, 'a', 'b'), newPlace()]) {
		createRunFolder(path, { 'config.gin': 'x = 1\n', 'configs/a/b.gin': 'y' });
		t.is(readFileSync(join(path, 'configs/a/b.gin'), 'utf8'), 'y');
		t.is(readFileSync(join(path, 'config.gin'), 'utf8'), 'x = 1\n');
	}
	t.deepEqual(readdirSync(join(place, 'a')), ['b']);
});

test('a link is followed: to an empty folder, to a folder that is yet to be, and aside', (t) => {
	const [place, scratch] = [newPlace(), newPlace()];
	mkdirSync(join(scratch, 'empty'));
	symlinkSync(join(scratch, 'empty'), join(place, 'empty'));
	symlinkSync(join(scratch, 'deep', 'er'), join(place, 'nothing'));
	for (const name of ['empty', 'nothing']) {
		createRunFolder(join(place, name), { 'config.gin': name });
		t.true(lstatSync(join(place, name)).isSymbolicLink());
		t.is(readFileSync(join(place, name, 'config.gin'), 'utf8'), name);
	}
	const real = join(scratch, 'deep', 'er');
	t.is(readFileSync(join(real, 'config.gin'), 'utf8'), 'nothing');
	t.is(moveAside(join(place, 'nothing')), `${real}.old-1`);
	createRunFolder(join(place, 'nothing'), { 'config.gin': 'again' });
	t.is(readFileSync(join(real, 'config.gin'), 'utf8'), 'again');
	symlinkSync('circle', join(place, 'circle'));
	t.throws(() => createRunFolder(join(place, 'circle'), {}), { instanceOf: GimletError, message: /circle/u });
});

test('a run inside another run is refused, also through links and where a folder is reserved', (t) => {
	const place = newPlace();
	const outer = join(place, 'outer');
	createRunFolder(outer, { 'config.gin': '' });
	symlinkSync(outer, join(place, 'link'));
	mkdirSync(join(outer, 'checkpoints'));
	symlinkSync(join(outer, 'checkpoints'), join(place, 'deep'));
	for (const path of ['outer/inner', 'outer/checkpoints/inner', 'link/a/b', 'deep/inner', 'outer/checkpoints']) {
		t.throws(() => createRunFolder(join(place, path), {}), {
			code: 'run.inside_run',
			message: /inside the run .*(?:outer|link)/u,
		});
		t.throws(() => reserveVersion(join(place, path)), { code: 'run.inside_run' });
	}
	t.deepEqual(readdirSync(outer).sort(), ['checkpoints', 'config.gin', 'status.json']);
});

test('whatever is there is refused, named, and stays', (t) => {
	const place = newPlace();
	const file = join(place, 'file');
	writeFileSync(file, 'mine');
	const foreign = join(place, 'foreign');
	mkdirSync(foreign);
	writeFileSync(join(foreign, 'thesis.tex'), 'mine');
	const run = join(place, 'run');
	createRunFolder(run, { 'config.gin': 'old' });
	for (const [path, reason] of [
		[file, /is a file/],
		[foreign, /thesis\.tex/],
		[run, /already holds a run \(prepared\)/],
	] as const) {
		const error = t.throws(() => createRunFolder(path, { 'config.gin': 'new' }), { instanceOf: RefusedError });
		t.regex(error.message, reason);
		t.true(error.message.includes(path));
		t.is(error.exitCode, 3);
	}
	t.is(readFileSync(file, 'utf8'), 'mine');
	t.deepEqual(readdirSync(foreign), ['thesis.tex']);
	t.is(readFileSync(join(run, 'config.gin'), 'utf8'), 'old');
	t.deepEqual(readdirSync(place).sort(), ['file', 'foreign', 'run']);
});

test.serial('a failure at any step of the creation leaves no folder', (t) => {
	for (let step = 1; step < 100; step++) {
		const place = newPlace();
		let count = 0;
		const stop = onDurableStep(() => {
			if (++count === step) {
				throw new Error('cut');
			}
		});
		try {
			createRunFolder(join(place, 'run'), { 'config.gin': 'x', 'configs/a.gin': 'y' });
			stop();
			t.true(step > 6);
			return;
		} catch {
			stop();
			const found = inspectFolder(join(place, 'run'));
			t.true(found.kind === 'absent' || (found.kind === 'run' && existsSync(join(place, 'run/configs/a.gin'))));
		}
	}
});

test('an old run moves aside under a free number, unless it is in use or no run', (t) => {
	const place = newPlace();
	const run = join(place, 'run');
	mkdirSync(`${run}.old-1`);
	for (const number of [2, 3]) {
		createRunFolder(run, { 'config.gin': String(number) });
		t.is(moveAside(run), `${run}.old-${number}`);
		t.is(readFileSync(`${run}.old-${number}/config.gin`, 'utf8'), String(number));
		t.false(existsSync(run));
	}
	t.deepEqual(readdirSync(`${run}.old-1`), []);
	createRunFolder(run, {});
	const lease = acquireLease(run);
	t.throws(() => moveAside(run), { message: /in use by pid/ });
	lease.release();
	t.throws(() => moveAside(place), { instanceOf: RefusedError });
});

function newPlace(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-folder-'));
}
