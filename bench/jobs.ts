import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

// Trivial shell lines through `jobs run` and through GNU parallel with a job log and a log per job, in turns.
const program = fileURLToPath(new URL('../bin/jobs.ts', import.meta.url));
const count = Number(process.argv[2] ?? 1000);
const slots = process.argv[3] ?? '2';
const rounds = Number(process.argv[4] ?? 3);

const folder = mkdtempSync(join(tmpdir(), 'gimlet-bench-jobs-'));
const list = join(folder, 'batch.sh');
writeFileSync(list, Array.from({ length: count }, (_, n) => `echo line ${n}\n`).join(''));

const contestants = {
	'jobs run': () => timed(program, ['run', list, '-j', slots, '--quiet']),
	parallel: () =>
		timed('parallel', ['-j', slots, '--joblog', join(folder, 'joblog'), '--results', join(folder, 'par'), '-a', list]),
	'parallel, no logs': () => timed('parallel', ['-j', slots, '-a', list]),
};

try {
	const times = new Map<string, number[]>();
	for (let round = 0; round < rounds; round++) {
		for (const [name, run] of Object.entries(contestants)) {
			for (const left of ['batch.sh.jobs', 'par', 'joblog']) {
				rmSync(join(folder, left), { recursive: true, force: true });
			}
			times.set(name, [...(times.get(name) ?? []), run()]);
		}
	}
	for (const [name, seconds] of times) {
		const median = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
		process.stdout.write(`${name.padEnd(18)} ${median.toFixed(2)} s  ${(count / median).toFixed(0)} jobs/s\n`);
	}
} finally {
	rmSync(folder, { recursive: true, force: true });
}

function timed(command: string, args: readonly string[]): number {
	const begin = performance.now();
	const { status, error, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
	if (status !== 0) {
		throw new Error(`${command} did not run: ${error?.message ?? stderr}`);
	}
	return (performance.now() - begin) / 1000;
}
