import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { verifyRun } from '../../src/run/verify.ts';
import { cloneTo, column, json, root, scratch, weights } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

/** The commands of the README's section on experiments, without their comments. */
const [prepare, runJobs, status, batch, report] = commandsOf('An experiment');
const variant = place.at('results/tune_lr/small');

test('the tutorial: a job killed, a job failing, all resumed, the figures those of an undisturbed run', async (t) => {
	t.timeout(600_000);
	cloneTo(place.folder, { installed: true });
	t.is((await type(prepare)).exitCode, 0);
	const [first, second, third, failing] = runs();
	mkdirSync(join(variant, 'runs'), { recursive: true });
	writeFileSync(failing!.folder, 'not a folder');

	const running = type(runJobs);
	const killed = await killOneOf([first!, second!, third!].map(({ folder }) => folder));
	const broken = await running;
	t.is(broken.exitCode, 1);
	t.regex(broken.stderr, /2 ok, 2 failed/u);
	t.regex(broken.stderr, /SIGKILL|137/u);
	const between = await type(status);
	t.regex(between.stdout, /finished/u);
	t.regex(between.stdout, /stale/u);
	const early = await type(report);
	t.is(early.exitCode, 0, early.stderr);
	t.regex(early.stderr, /2 of 4 runs finished/u);

	rmSync(failing!.folder);
	const whole = await type(batch);
	t.is(whole.exitCode, 0, whole.stderr);
	t.is(whole.stderr.match(/already complete/gu)?.length, 2);
	const epochs = column(killed, 'epoch');
	t.deepEqual(
		epochs,
		Array.from({ length: 8 }, (_, epoch) => String(epoch)),
	);
	t.deepEqual(verifyRun(killed).problems, []);

	const again = runs().find(({ folder }) => folder === killed)!;
	const undisturbed = await type(`bin/train.ts results/undisturbed ${again.config}`);
	t.is(undisturbed.exitCode, 0, undisturbed.stderr);
	t.is(weights(killed), weights(place.at('results/undisturbed')));
	t.deepEqual(json(killed, 'summary.json')['test'], json(place.at('results/undisturbed'), 'summary.json')['test']);

	const late = await type(report);
	t.is(late.exitCode, 0, late.stderr);
	const [head = '', ...rows] = readFileSync(join(variant, 'report-runs.csv'), 'utf8').trimEnd().split('\n');
	const accuracy = head.split(',').indexOf('test/accuracy');
	t.deepEqual(
		rows.map((row) => Number(row.split(',')[accuracy])),
		runs().map(({ folder }) => (json(folder, 'summary.json')['test'] as Record<string, number>)['test/accuracy']!),
	);
	t.true(existsSync(join(variant, 'report.html')));
});

function commandsOf(section: string): string[] {
	const text = readFileSync(join(root, 'README.md'), 'utf8');
	const [, block = ''] = new RegExp(`^## ${section}\n[\\s\\S]*?^\`\`\`sh\n([\\s\\S]*?)^\`\`\``, 'mu').exec(text) ?? [];
	return block.trimEnd().split('\n');
}

function type(line: string | undefined) {
	const env = { RESULTS_DIR: place.at('results') };
	return execa('bash', ['-c', line ?? 'exit 99'], { cwd: place.folder, env, reject: false, stdin: 'ignore' });
}

function runs(): Array<{ folder: string; config: string }> {
	const { jobs } = JSON.parse(readFileSync(join(variant, 'manifest.json'), 'utf8')) as {
		jobs: Array<{ run: string; config: string }>;
	};
	return jobs.map(({ run, config }) => ({ folder: join(variant, run), config: join(variant, config) }));
}

/** Kills the first process seen in the middle of its training; returns its run. */
async function killOneOf(folders: readonly string[]): Promise<string> {
	for (;;) {
		for (const folder of folders) {
			const rows = existsSync(join(folder, 'history.csv')) ? column(folder, 'epoch').length : 0;
			if (rows >= 1 && rows < 7 && existsSync(join(folder, 'run.lock'))) {
				process.kill((JSON.parse(readFileSync(join(folder, 'run.lock'), 'utf8')) as { pid: number }).pid, 'SIGKILL');
				return folder;
			}
		}
		await sleep(20);
	}
}
