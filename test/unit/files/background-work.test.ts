import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { BackgroundWork } from '../../../src/files/background-work.ts';

test('free running, work goes on by itself until it has settled', async (t) => {
	const work = new BackgroundWork();
	const done: number[] = [];
	await work.begin(async (pace) => {
		for (let i = 0; i < 5; i += 1) {
			await pace();
			await sleep(1);
			done.push(i);
		}
	});
	t.deepEqual(done, []);
	await work.advance();
	await work.settle();
	t.deepEqual(done, [0, 1, 2, 3, 4]);
	await work.settle();
});

test('in lockstep, the order of all steps is the same however long each takes', async (t) => {
	const orders = await Promise.all([0, 7].map(orderWith));
	t.deepEqual(orders[0], orders[1]);
	t.deepEqual(orders[0], ['step 1', 'a', 'b', 'step 2', 'c', 'd', 'step 3', 'e', 'settled', 'step 4']);
});

test('a failure is thrown once, at the next step of the other or when settling', async (t) => {
	for (const lockstep of [undefined, 2]) {
		const work = new BackgroundWork(lockstep);
		const fail = async (pace: () => Promise<void>) => {
			await pace();
			throw new Error('full');
		};
		await work.begin(fail);
		await sleep(1);
		await t.throwsAsync(async () => work.advance(), { message: 'full' });
		await work.settle();
		await work.begin(fail);
		await t.throwsAsync(async () => work.settle(), { message: 'full' });
		await work.advance();
	}
});

async function orderWith(delay: number): Promise<string[]> {
	const work = new BackgroundWork(2);
	const order: string[] = [];
	await work.begin(async (pace) => {
		for (const name of ['a', 'b', 'c', 'd', 'e']) {
			await sleep(delay);
			await pace();
			order.push(name);
		}
	});
	for (let step = 1; step <= 4; step += 1) {
		order.push(`step ${step}`);
		if (step === 3) {
			await work.settle();
			order.push('settled');
		} else {
			await work.advance();
		}
	}
	return order;
}
