import { spawnSync } from 'node:child_process';
import {
	cpSync,
	lstatSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EnvironmentError, GimletError, RefusedError } from '../../../src/core/errors.ts';
import { Streams } from '../../../src/core/random.ts';
import { onDurableStep } from '../../../src/files/atomic.ts';
import type { CheckpointContent } from '../../../src/run/checkpoint-files.ts';
import { CheckpointStore } from '../../../src/run/checkpoint-store.ts';

const keep = { last: 2 };

test('a checkpoint comes back by each of its names, stored once', async (t) => {
	const store = fresh();
	await store.save(['last', 'best'], 120, content(1), keep);
	for (const name of ['last', 'best', 'step-00000120']) {
		t.deepEqual(plain(store.load(name)), { ...plain(content(1)), step: 120 });
	}
	t.deepEqual(store.names(), ['best', 'last']);
	t.true(store.has('best'));
	t.false(store.has('init'));
	t.is(readlinkSync(join(store.folder, 'last')), 'step-00000120');
	t.deepEqual(readdirSync(join(store.folder, 'last')).sort(), [
		'checksums.json',
		'optimizer.safetensors',
		'state.json',
		'weights.safetensors',
	]);
	t.deepEqual(store.verify().problems, []);
});

test('equal content gives equal files', async (t) => {
	const [a, b] = [fresh(), fresh()];
	for (const store of [a, b]) {
		await store.save(['last'], 5, content(3), keep);
	}
	for (const file of readdirSync(join(a.folder, 'last'))) {
		t.deepEqual(readFileSync(join(a.folder, 'last', file)), readFileSync(join(b.folder, 'last', file)));
	}
});

test('the newest two stay, and what a name leads to; more if asked for', async (t) => {
	const store = fresh();
	await store.save(['init'], 0, content(0), keep);
	for (let step = 10; step <= 60; step += 10) {
		await store.save(step === 20 ? ['last', 'best'] : ['last'], step, content(step), keep);
	}
	t.deepEqual(stepsIn(store), [0, 20, 50, 60]);

	const regular = fresh();
	for (let step = 10; step <= 60; step += 10) {
		await regular.save(['last'], step, content(step), { last: 3, everySteps: 20 });
	}
	t.deepEqual(stepsIn(regular), [20, 40, 50, 60]);
});

test('what a lost session saved ahead of this one, or at the same step, gives way', async (t) => {
	const store = fresh();
	for (const step of [10, 20, 30]) {
		await store.save(['last'], step, content(step), keep);
	}
	await store.save(['last'], 20, content(99), keep);
	t.deepEqual(stepsIn(store), [20]);
	t.is(readlinkSync(join(store.folder, 'last')), 'step-00000020-2');
	t.deepEqual(store.load('last').state, content(99).state);
	for (const state of [1, 2, 3]) {
		await store.save(['last'], 20, content(state), keep);
	}
	t.deepEqual(store.newestGood()!.content.state, content(3).state);
	t.is(readdirSync(store.folder).length, 2);
});

test('the one good checkpoint stays when the same step is saved again and that fails', async (t) => {
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	await store.save(['last'], 20, content(2), keep);
	damage(join(store.folder, 'last', 'state.json'));
	const lost = new CheckpointStore(store.folder, failAfter(1));
	await t.throwsAsync(() => lost.save(['last'], 10, content(3), keep), { message: 'no longer ours' });
	t.deepEqual(store.newestGood()!.content.state, content(1).state);
});

test('cut anywhere, a file is noticed by name and the previous checkpoint is used', async (t) => {
	const random = new Streams(1).stream('sample');
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	await store.save(['last'], 20, content(2), keep);
	const folder = join(store.folder, 'step-00000020');
	const files = readdirSync(folder);
	for (let i = 0; i < 100; i += 1) {
		const path = join(folder, files[i % files.length]!);
		const whole = readFileSync(path);
		writeFileSync(path, whole.subarray(0, random.int(whole.length)));
		t.throws(() => store.load('step-00000020'), { instanceOf: GimletError, message: new RegExp(`^${path} `, 'u') });
		const { name, content: good, damaged } = store.newestGood()!;
		t.is(name, 'step-00000010');
		t.deepEqual(plain(good), { ...plain(content(1)), step: 10 });
		t.is(damaged.length, 1);
		t.true(damaged[0]!.includes(path));
		t.is(store.verify().problems.length, 2);
		writeFileSync(path, whole);
	}
	t.deepEqual(store.verify().problems, []);
});

test('one flipped bit in a tensor or the state is noticed', async (t) => {
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	for (const file of ['weights.safetensors', 'optimizer.safetensors', 'state.json']) {
		const path = join(store.folder, 'last', file);
		const whole = readFileSync(path);
		damage(path);
		t.throws(() => store.load('last'), {
			code: 'checkpoint.damaged',
			message: new RegExp(`^${path} has changed`, 'u'),
		});
		writeFileSync(path, whole);
	}
});

test('nothing yet is undefined; nothing whole is an error that lists what is wrong', async (t) => {
	const store = fresh();
	t.is(store.newestGood(), undefined);
	t.deepEqual(store.names(), []);
	await store.save(['last'], 10, content(1), keep);
	damage(join(store.folder, 'last', 'state.json'));
	t.throws(() => store.newestGood(), { code: 'checkpoint.all_damaged', message: /state\.json has changed/u });
});

test('a checkpoint of a newer version is refused, not passed over', async (t) => {
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	await store.save(['last'], 20, content(1), keep);
	const path = join(store.folder, 'last', 'checksums.json');
	writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), schema_version: 2 }));
	t.throws(() => store.newestGood(), { instanceOf: RefusedError, message: /schema version 2/u });
});

test('a list of files that lacks the state is damage', async (t) => {
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	for (const text of ['null', '{}', '{"schema_version":1,"step":10,"files":{}}', '[]']) {
		writeFileSync(join(store.folder, 'last', 'checksums.json'), text);
		t.throws(() => store.load('last'), { code: 'checkpoint.damaged' });
	}
});

test('a name that leads nowhere is reported', async (t) => {
	const store = fresh();
	await store.save(['last'], 10, content(1), keep);
	rmSync(join(store.folder, 'step-00000010'), { recursive: true });
	t.deepEqual(store.verify().problems, [`${join(store.folder, 'last')} leads nowhere.`]);
	t.deepEqual(store.names(), []);
});

test('a copy in which links became folders works, and goes on', async (t) => {
	const store = fresh();
	await store.save(['init'], 0, content(0), keep);
	await store.save(['last', 'best'], 10, content(1), keep);
	const copy = join(mkdtempSync(join(tmpdir(), 'gimlet-copy-')), 'checkpoints');
	cpSync(store.folder, copy, { recursive: true, dereference: true });
	t.false(lstatSync(join(copy, 'last')).isSymbolicLink());
	const moved = new CheckpointStore(copy);
	t.deepEqual(moved.newestGood()!.content.state, content(1).state);
	await moved.save(['last'], 20, content(2), keep);
	t.deepEqual(moved.newestGood()!.content.state, content(2).state);
	t.deepEqual(moved.load('best').state, content(1).state);
	t.deepEqual(moved.verify().problems, []);
});

test.serial(
	'whatever step fails for want of space: exit code 4, the old checkpoint intact, nothing left behind',
	async (t) => {
		const total = await countSteps(saveSecond, await withFirst());
		t.true(total > 10);
		for (let at = 1; at <= total; at += 1) {
			const store = await withFirst();
			let left = at;
			const end = onDurableStep(() => {
				left -= 1;
				if (left === 0) {
					throw Object.assign(new Error('full'), { code: 'ENOSPC' });
				}
			});
			await t.throwsAsync(() => saveSecond(store), { instanceOf: EnvironmentError });
			end();
			t.deepEqual(store.verify().problems, [], `step ${at}`);
			t.true(['1', '2'].includes(String((store.newestGood()!.content.state as { n: number }).n)));
			t.deepEqual(hidden(store), []);
			await saveSecond(store);
			t.deepEqual(store.load('last').state, content(2).state);
		}
	},
);

test.serial('a process killed at any step leaves whole checkpoints only', async (t) => {
	const total = await countSteps(saveSecond, await withFirst());
	const source = new URL('../../../src/', import.meta.url).pathname;
	// Every kill is a process of its own: steps spread over the save, the last ones (rename, links) all.
	for (const at of [1, 3, 5, total - 5, total - 4, total - 3, total - 2, total - 1, total]) {
		const store = await withFirst();
		const code = `
			import { onDurableStep } from ${JSON.stringify(`${source}files/atomic.ts`)};
			import { CheckpointStore } from ${JSON.stringify(`${source}run/checkpoint-store.ts`)};
			let left = ${at};
			onDurableStep(() => { left -= 1; if (left === 0) process.kill(process.pid, 'SIGKILL'); });
			const weights = { w: { dtype: 'float32', shape: [3], data: Float32Array.of(2, 2, 2) } };
			await new CheckpointStore(${JSON.stringify(store.folder)}).save(
				['last', 'best'], 20, { tensors: { weights, optimizer: {} }, state: { n: 2 } }, { last: 2 });`;
		t.is(spawnSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', code]).signal, 'SIGKILL');
		t.deepEqual(store.verify().problems, [], `killed at ${at}`);
		t.true([1, 2].includes((store.load('last').state as { n: number }).n));
		await saveSecond(store);
		t.deepEqual(store.newestGood()!.content.state, content(2).state);
		t.deepEqual(hidden(store), []);
	}
});

test('one that came into its place without its names gets them when it is gone on from', async (t) => {
	const store = fresh();
	await store.save(['init'], 0, content(0), keep);
	await store.save(['best', 'last'], 10, content(1), keep);
	rmSync(join(store.folder, 'best'));
	rmSync(join(store.folder, 'last'));
	const { name } = store.newestGood()!;
	store.restoreNames(name);
	for (const one of ['best', 'last']) {
		t.is(readlinkSync(join(store.folder, one)), 'step-00000010');
	}
	t.is(readlinkSync(join(store.folder, 'init')), 'step-00000000');
	t.deepEqual(hidden(store), []);
	rmSync(join(store.folder, 'init'));
	const lost = new CheckpointStore(store.folder, failAfter(0));
	t.throws(() => lost.restoreNames('step-00000000'), { message: 'no longer ours' });
	t.false(store.has('init'));
	// A copy whose maker followed links: a name is a folder of its own.
	cpSync(join(store.folder, 'step-00000000'), join(store.folder, 'init'), { recursive: true });
	store.restoreNames('step-00000000');
	t.true(lstatSync(join(store.folder, 'init')).isDirectory());
});

test('one that no longer owns the folder changes nothing', async (t) => {
	for (let calls = 0; calls < 3; calls += 1) {
		const store = await withFirst();
		const before = readlinkSync(join(store.folder, 'last'));
		await t.throwsAsync(() => saveSecond(new CheckpointStore(store.folder, failAfter(calls))), {
			message: 'no longer ours',
		});
		t.is(readlinkSync(join(store.folder, 'last')), before);
		t.deepEqual(store.verify().problems, []);
		// The owner removes what is left of it, though its process is alive.
		t.is(hidden(store).length, Math.min(1, calls));
		await store.save(['last'], 30, content(3), keep);
		t.deepEqual(hidden(store), []);
	}
});

test('whose half-made checkpoint was removed by the next owner learns that it no longer owns the folder', async (t) => {
	const store = await withFirst();
	let isOurs = true;
	const lost = new CheckpointStore(store.folder, () => {
		if (!isOurs) {
			throw new RefusedError('lost', 'no longer ours');
		}
	});
	const pace = async () => {
		if (isOurs && hidden(store).length > 0) {
			isOurs = false;
			await store.save(['last'], 30, content(3), keep);
		}
	};
	await t.throwsAsync(lost.save(['last'], 20, content(2), keep, pace), { message: 'no longer ours' });
	t.deepEqual(stepsIn(store), [10, 30]);
	t.deepEqual(hidden(store), []);
});

function fresh(): CheckpointStore {
	return new CheckpointStore(join(mkdtempSync(join(tmpdir(), 'gimlet-checkpoints-')), 'checkpoints'));
}

async function withFirst(): Promise<CheckpointStore> {
	const store = fresh();
	await store.save(['last', 'best'], 10, content(1), keep);
	return store;
}

function saveSecond(store: CheckpointStore): Promise<void> {
	return store.save(['last', 'best'], 20, content(2), keep);
}

function content(n: number): CheckpointContent {
	return {
		tensors: {
			weights: {
				'conv/kernel': { dtype: 'float32', shape: [2, 3], data: Float32Array.from({ length: 6 }, (_, i) => i * n) },
				'conv/bias': { dtype: 'float32', shape: [3], data: Float32Array.of(n, n, n) },
			},
			optimizer: { 'm/conv/bias': { dtype: 'float32', shape: [3], data: Float32Array.of(0.1, n, -n) } },
		},
		state: { n, streams: { shuffle: [1, 2, 3, n] } },
	};
}

function plain({ tensors, ...rest }: CheckpointContent): Record<string, unknown> {
	const groups = Object.entries(tensors).map(([group, named]) => [group, Object.fromEntries(Object.entries(named))]);
	return { ...rest, tensors: Object.fromEntries(groups) };
}

function stepsIn(store: CheckpointStore): number[] {
	const names = readdirSync(store.folder).filter((name) => name.startsWith('step-'));
	return names.map((name) => Number(name.split('-')[1])).sort((a, b) => a - b);
}

function hidden(store: CheckpointStore): string[] {
	return readdirSync(store.folder).filter((name) => name.startsWith('.'));
}

function damage(path: string): void {
	const data = readFileSync(path);
	data[data.length >> 1]! ^= 4;
	writeFileSync(path, data);
}

function failAfter(calls: number): () => void {
	let left = calls;
	return () => {
		left -= 1;
		if (left < 0) {
			throw new RefusedError('lost', 'no longer ours');
		}
	};
}

async function countSteps(action: (store: CheckpointStore) => Promise<void>, store: CheckpointStore): Promise<number> {
	let steps = 0;
	const end = onDurableStep(() => {
		steps += 1;
	});
	await action(store);
	end();
	return steps;
}
