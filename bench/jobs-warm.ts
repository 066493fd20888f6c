import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { runDifference } from './run-difference.ts';

// Tiny trainings through `jobs run` with a process per job and with workers that stay loaded: [COUNT [SLOTS]]. The cold
// half runs in two parts, before and after the warm one, and every run folder of one is compared with the other's.
const root = fileURLToPath(new URL('..', import.meta.url));
const count = Number(process.argv[2] ?? 200);
const slots = process.argv[3] ?? '2';
const folder = mkdtempSync(join(tmpdir(), 'gimlet-bench-warm-'));
const bindings = "train.model='mlp'#train.dataset='blobs'#training_loop.n_epochs=2#device.threads=1";
const all = Array.from({ length: count }, (_, n) => n + 1);
const half = Math.ceil(count / 2);

try {
	writeFileSync(join(folder, 'tiny.gin'), `${bindings.replaceAll('#', '\n')}\n`);
	const before = timed('cold', all.slice(0, half));
	const warm = timed('warm', all);
	const cold = before + timed('cold', all.slice(half));
	for (const [name, seconds] of Object.entries({ cold, warm })) {
		process.stdout.write(`${name}  ${seconds.toFixed(2)} s  ${(count / seconds).toFixed(2)} jobs/s\n`);
	}
	process.stdout.write(`warm is ${(cold / warm).toFixed(2)} times as fast\n`);
	const different = all.flatMap((n) =>
		runDifference(join(folder, `cold/run${n}`), join(folder, `warm/run${n}`)).map((name) => `run${n}/${name}`),
	);
	process.stdout.write(`${count} run folders compared: ${different.length} files differ ${different.slice(0, 5)}\n`);
	process.exitCode = different.length === 0 ? 0 : 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}

// Both kinds write to `runs/`, since a run knows its path.
function timed(workers: 'cold' | 'warm', seeds: readonly number[]): number {
	const list = join(folder, `${workers}-${seeds[0]}.sh`);
	writeFileSync(list, seeds.map((n) => `${root}bin/train.ts runs/run${n} tiny.gin -b train.seed=${n}\n`).join(''));
	const begin = performance.now();
	const args = ['run', list, '-j', slots, '--quiet', '--workers', workers];
	const { status, stderr } = spawnSync(`${root}bin/jobs.ts`, args, { cwd: folder, encoding: 'utf8' });
	if (status !== 0) {
		throw new Error(stderr);
	}
	const seconds = (performance.now() - begin) / 1000;
	spawnSync('mkdir', ['-p', join(folder, workers)]);
	for (const n of seeds) {
		renameSync(join(folder, `runs/run${n}`), join(folder, `${workers}/run${n}`));
	}
	return seconds;
}
