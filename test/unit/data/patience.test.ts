import { stat } from 'node:fs';
import test from 'ava';
import { Patience } from '../../../src/data/patience.ts';

function patience(seconds: number) {
	let reject: (error: Error) => void = () => {};
	const silence = new Promise<never>((_, no) => {
		reject = no;
	});
	silence.catch(() => {});
	return { limit: new Patience(seconds, () => reject(new Error('given up'))), silence };
}

function keepBusy(milliseconds: number): void {
	const end = performance.now() + milliseconds;
	while (performance.now() < end) {
		// The event loop stands still.
	}
}

test('gives up what does not come', async (t) => {
	const { limit, silence } = patience(0.01);
	await t.throwsAsync(limit.limit(silence), { message: 'given up' });
});

test('what lies ready when a busy process looks again is not late', async (t) => {
	const { limit, silence } = patience(0.01);
	// From here the event loop looks at its timers first, and only then at what the system has ready.
	await new Promise((done) => setImmediate(done));
	const ready = new Promise((done) => stat('.', () => done('here')));
	const got = limit.limit(Promise.race([ready, silence]));
	keepBusy(60);
	t.is(await got, 'here');
});

test('the time between two waits does not count', async (t) => {
	const { limit, silence } = patience(0.2);
	t.is(await limit.limit(Promise.resolve(1)), 1);
	await new Promise((done) => setTimeout(done, 400));
	t.is(await limit.limit(Promise.race([Promise.resolve(2), silence])), 2);
	await t.notThrowsAsync(Promise.race([silence, Promise.resolve()]));
});
