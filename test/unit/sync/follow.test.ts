import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { EnvironmentError, UsageError } from '../../../src/core/errors.ts';
import { follow } from '../../../src/sync/follow.ts';

test('what trying again helps is tried again; anything else ends it, and is no crash', async (t) => {
	const source = mkdtempSync(join(tmpdir(), 'gimlet-follow-'));
	let calls = 0;
	const said: string[] = [];
	const failure = new Promise((fail) => {
		const update = async () => {
			calls += 1;
			throw calls === 1 ? new EnvironmentError('sync', 'nobody answers.') : new UsageError('sync', 'no such place');
		};
		const options = { exclude: [], quiet: 0.01, retry: 0.01, say: (text: string) => void said.push(text), fail };
		void follow(source, update, options).then((stop) => t.teardown(stop));
	});
	t.like(await failure, { message: 'no such place' });
	t.deepEqual(said, ['nobody answers. Trying again in 0.01 s.']);
	writeFileSync(join(source, 'more'), '');
	await sleep(200);
	t.is(calls, 2);
	rmSync(source, { recursive: true });
});
