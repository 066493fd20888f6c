import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeFileAtomic } from '../../../src/files/atomic.ts';
import { parseChaos, unleash } from '../../../src/files/chaos.ts';

test('a fault is an action, where it strikes and a number', (t) => {
	t.deepEqual(parseChaos('kill@step=37'), { action: 'kill', at: 'step', number: 37 });
	t.deepEqual(parseChaos('tear@write=2'), { action: 'tear', at: 'write', number: 2 });
	for (const text of ['kill', 'kill@step=0', 'kill@epoch=1', 'burn@step=1', 'tear@step=1', 'full@step=1']) {
		t.throws(() => parseChaos(text), { message: /kill@step=37/u }, text);
	}
});

test.serial('a disk that fills up fails every write from then on, and leaves what was there', (t) => {
	const path = join(mkdtempSync(join(tmpdir(), 'gimlet-chaos-')), 'a.txt');
	// An atomic write has four steps: write, fsync, rename, fsync of the folder.
	const chaos = unleash([parseChaos('full@write=5')]);
	try {
		writeFileAtomic(path, 'old');
		t.throws(() => writeFileAtomic(path, 'new'), { message: /the disk is full/u });
		t.throws(() => writeFileAtomic(path, 'newer'), { message: /the disk is full/u });
	} finally {
		chaos.stop();
	}
	t.is(readFileSync(path, 'utf8'), 'old');
	writeFileAtomic(path, 'newest');
	t.is(readFileSync(path, 'utf8'), 'newest');
});
