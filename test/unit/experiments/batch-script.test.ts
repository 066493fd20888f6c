import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { batchScript } from '../../../src/experiments/batch-script.ts';
import { parseJobList } from '../../../src/jobs/list.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-batch-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const facts = { title: "it's\na title", question: 'Why?', prepared: 'x' };
const log = join(folder, 'log');
const job = (text: string, code = 0) => ({
	title: text,
	words: ['sh', '-c', `echo "$1" >>"$2"; exit ${code}`, 'sh', text, log],
});

async function run(lines: Parameters<typeof batchScript>[1]) {
	const script = join(folder, 'batch.sh');
	writeFileSync(script, batchScript(facts, lines));
	writeFileSync(log, '');
	const result = await execa('bash', [script], { reject: false });
	return { ...result, log: readFileSync(log, 'utf8') };
}

test.serial('a failing job stops no other; the summary names it and the exit code is 1', async (t) => {
	const { exitCode, stderr, log: done } = await run([job('one'), job("tw'o $HOME", 5), job('three')]);
	t.is(done, "one\ntw'o $HOME\nthree\n");
	t.is(exitCode, 1);
	t.regex(stderr, /^1 of 3 failed:\n {2}line \d+, exit code 5: sh -c/u);
});

test.serial('exit code 0 and silence where all is well, also without any job', async (t) => {
	const { exitCode, stderr } = await run([job('one'), job('two')]);
	t.deepEqual([exitCode, stderr], [0, '']);
	t.is((await run([])).exitCode, 0);
});

test.serial('an interrupted job ends the whole list', async (t) => {
	const { exitCode, log: done } = await run([
		{ title: 'x', words: ['sh', '-c', 'kill -INT $PPID; exit 130'] },
		job('after'),
	]);
	t.deepEqual([exitCode, done], [130, '']);
});

test.serial('the job runner sees the jobs and nothing else', (t) => {
	const { jobs, shell } = parseJobList(batchScript(facts, [job('one'), job("tw'o")]));
	t.is(jobs.length, 2);
	t.is(shell, 'bash');
	t.deepEqual(
		jobs.map(({ setup }) => setup),
		['', ''],
	);
});
