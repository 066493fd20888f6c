import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startShell } from '../../../src/jobs/execution.ts';
import { markOf } from '../../../src/jobs/place.ts';
import { survivorOf } from '../../../src/jobs/process-group.ts';

// Asked to end by TERM, or warned by USR1, it takes its time to save.
const saving = `trap 'sleep 0.4; echo saved >saved; exit 75' TERM USR1
echo >ready
while :; do sleep 0.02; done
`;

function begin(t: ExecutionContext, shell: string, command: string) {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-execution-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	writeFileSync(join(folder, 'saving.sh'), saving);
	const job = { key: 'k', name: 'n', line: 1, command, setup: 'export COLOUR=red\n' };
	const task = { job, attempt: 1, log: join(folder, 'log'), env: { PATH: process.env['PATH']! }, slot: 0 };
	const execution = startShell(task, { shell, cwd: folder, list: join(folder, 'list.sh') });
	t.teardown(() => execution.signal('SIGKILL'));
	return {
		execution,
		isThere: (name: string) => existsSync(join(folder, name)),
		log: () => readFileSync(join(folder, 'log'), 'utf8'),
		until: async (name: string) => {
			while (!existsSync(join(folder, name))) {
				await sleep(10);
			}
		},
	};
}

for (const shell of ['sh', 'bash']) {
	test(`${shell} waits for the program in it, whose exit code is the job's; nothing else of the line runs`, async (t) => {
		for (const signal of ['SIGTERM', 'SIGUSR1'] as const) {
			const { execution, isThere, until } = begin(t, shell, 'bash saving.sh; echo >second');
			await until('ready');
			// dash does not hear a signal before it has seen its program start.
			await sleep(200);
			if (signal === 'SIGTERM') {
				execution.signal(signal);
			} else {
				execution.warn(signal);
			}
			t.like(await execution.ended, { code: 75, signal: null });
			t.true(isThere('saved'));
			t.false(isThere('second'));
		}
	});

	test(`${shell}: after a signal the last process of a job is its end; an unfinished line is no success`, async (t) => {
		const line = 'bash -c \'trap "" TERM; echo >ready; sleep 0.5; echo >late\' & wait';
		const { execution, isThere, until } = begin(t, shell, line);
		await until('ready');
		execution.signal('SIGTERM');
		t.not((await execution.ended).code, 0);
		t.true(isThere('late'));
	});

	test(`${shell}: what a line leaves in the background is named, and not waited for`, async (t) => {
		const { execution, log } = begin(t, shell, 'sleep 600 & echo "$0 $COLOUR"');
		const { code, left } = await execution.ended;
		t.is(code, 0);
		t.deepEqual(
			left?.map(({ name }) => name),
			['sleep'],
		);
		t.regex(log(), /list\.sh red\n$/u);
		process.kill(left![0]!.pid);
	});
}

test('a shell that is killed is outlived by its program, which is the job still', async (t) => {
	const { execution, isThere, until } = begin(t, 'sh', "sh -c 'echo >ready; sleep 0.5; echo >late'; true");
	await until('ready');
	const mark = markOf(execution.pid!);
	process.kill(execution.pid!, 'SIGKILL');
	await sleep(100);
	t.not(survivorOf(mark), undefined, 'another runner has to wait for it');
	t.is((await execution.ended).signal, 'SIGKILL');
	t.true(isThere('late'));
	t.is(survivorOf(mark), undefined);
});

test('a warning kills nobody, and reaches who comes to listen', async (t) => {
	const { execution, isThere, until } = begin(t, 'sh', 'echo >begun; sleep 0.3; bash saving.sh');
	await until('begun');
	execution.warn('SIGUSR1');
	t.is((await execution.ended).code, 75);
	t.true(isThere('saved'));
});
