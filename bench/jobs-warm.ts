import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

// Tiny trainings through `jobs run` with a process per job and with workers that stay loaded: [COUNT [SLOTS]].
const root = fileURLToPath(new URL('..', import.meta.url));
const count = Number(process.argv[2] ?? 200);
const slots = process.argv[3] ?? '2';
const folder = mkdtempSync(join(tmpdir(), 'gimlet-bench-warm-'));
const bindings = "train.model='mlp'#train.dataset='blobs'#training_loop.n_epochs=2#device.threads=1";

try {
	writeFileSync(join(folder, 'tiny.gin'), `${bindings.replaceAll('#', '\n')}\n`);
	const line = (n: number) => `${root}bin/train.ts WORKERS/run${n} tiny.gin -b train.seed=${n + 1}\n`;
	const lines = Array.from({ length: count }, (_, n) => line(n)).join('');
	for (const workers of ['warm', 'cold']) {
		const list = join(folder, `${workers}.sh`);
		writeFileSync(list, lines.replaceAll('WORKERS', workers));
		const begin = performance.now();
		const args = ['run', list, '-j', slots, '--quiet', '--workers', workers];
		const { status, stderr } = spawnSync(`${root}bin/jobs.ts`, args, { cwd: folder, encoding: 'utf8' });
		if (status !== 0) {
			throw new Error(stderr);
		}
		const seconds = (performance.now() - begin) / 1000;
		process.stdout.write(`${workers}  ${seconds.toFixed(2)} s  ${(count / seconds).toFixed(2)} jobs/s\n`);
	}
} finally {
	rmSync(folder, { recursive: true, force: true });
}
