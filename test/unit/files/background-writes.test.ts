import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EnvironmentError } from '../../../src/core/errors.ts';
import {
	type DurableStep,
	makeFolder,
	onDurableStep,
	removeDurable,
	renameDurable,
	syncFolder,
	writeFileDurable,
} from '../../../src/files/atomic.ts';
import { BackgroundWrites } from '../../../src/files/background-writes.ts';

test.serial('the same steps, in the same order, as the writes that wait', async (t) => {
	const disk = new BackgroundWrites();
	const beside = await steps(async (folder) => {
		await disk.makeFolder(join(folder, 'a', 'b'));
		await disk.writeFile(join(folder, 'a', 'file'), Buffer.from('text'));
		await disk.rename(join(folder, 'a', 'file'), join(folder, 'a', 'other'));
		await disk.syncFolder(folder);
		await disk.remove(join(folder, 'a', 'other'));
		await disk.remove(join(folder, 'a'));
		await disk.remove(join(folder, 'missing'));
	});
	const waiting = await steps(async (folder) => {
		makeFolder(join(folder, 'a', 'b'));
		writeFileDurable(join(folder, 'a', 'file'), 'text');
		renameDurable(join(folder, 'a', 'file'), join(folder, 'a', 'other'));
		syncFolder(folder);
		removeDurable(join(folder, 'a', 'other'));
		removeDurable(join(folder, 'a'));
		removeDurable(join(folder, 'missing'));
	});
	t.true(beside.length > 12);
	t.deepEqual(beside, waiting);
});

test('what is written is there, and each step waits for its turn', async (t) => {
	const folder = fresh();
	let turns = 0;
	const disk = new BackgroundWrites(async () => {
		turns += 1;
	});
	await disk.writeFile(join(folder, 'file'), Buffer.from('text'));
	await disk.link('file', join(folder, 'link'));
	t.is(turns, 3);
	t.is(readFileSync(join(folder, 'file'), 'utf8'), 'text');
	t.is(readlinkSync(join(folder, 'link')), 'file');
	await disk.remove(join(folder, 'link'));
	t.true(existsSync(join(folder, 'file')));
	t.is(lstatSync(join(folder, 'link'), { throwIfNoEntry: false }), undefined);
});

test.serial('a step that is refused is not taken; a full disk is an environment error', async (t) => {
	const folder = fresh();
	writeFileSync(join(folder, 'file'), '1');
	const disk = new BackgroundWrites();
	const refuse = (error: Error) =>
		onDurableStep(() => {
			throw error;
		});
	let end = refuse(new Error('not ours'));
	await t.throwsAsync(() => disk.rename(join(folder, 'file'), join(folder, 'other')), { message: 'not ours' });
	await t.throwsAsync(() => disk.remove(join(folder, 'file')), { message: 'not ours' });
	end();
	t.true(existsSync(join(folder, 'file')));
	end = refuse(Object.assign(new Error('full'), { code: 'ENOSPC' }));
	await t.throwsAsync(() => disk.writeFile(join(folder, 'new'), Buffer.from('x')), { instanceOf: EnvironmentError });
	end();
});

async function steps(action: (folder: string) => Promise<void>): Promise<string[]> {
	const folder = join(fresh(), 'inner');
	mkdirSync(folder);
	const seen: DurableStep[] = [];
	const end = onDurableStep((step) => seen.push(step));
	await action(folder);
	end();
	const relative = (path: string) => path.replace(folder, '').replace(/\.\d+\.[0-9a-f]+\.tmp$/u, '.tmp');
	return seen.map(({ kind, path, to, data }) => [kind, relative(path), relative(to ?? ''), data?.length].join(' '));
}

function fresh(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-background-'));
}
