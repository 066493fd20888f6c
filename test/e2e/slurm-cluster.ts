import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

// A real Slurm on this machine, started by a program that need not be here; it installs packages, so it wants root.
const beside = fileURLToPath(new URL('../../../shared/slurm/slurm-up', import.meta.url));
const slurmUp = process.env['GIMLET_SLURM_UP'] ?? beside;

/** A cluster of a test file's own: up before its tests, down after them. */
export function cluster(base: string, port: number, isWanted = true) {
	const isHere = isWanted && existsSync(slurmUp) && process.getuid?.() === 0;
	const env = { SLURM_UP_DIR: base, SLURM_UP_PORT: String(port), SLURM_CONF: join(base, 'etc/slurm.conf') };
	const call = (program: string, ...args: string[]): string =>
		execFileSync(program, args, {
			stdio: ['ignore', 'pipe', 'pipe'],
			encoding: 'utf8',
			env: { ...process.env, ...env },
			timeout: 120_000,
		});
	const boot = () => call(slurmUp);
	test.before(() => {
		if (isHere) {
			process.env['SLURM_CONF'] = env.SLURM_CONF;
			boot();
		}
	});
	test.after.always(() => {
		if (isHere) {
			call(join(dirname(slurmUp), 'slurm-down'));
		}
	});
	return {
		isHere,
		env,
		call,
		boot,
		/** A power cut of a node. */
		fail: (node: string) => call(slurmUp, 'fail', node),
		/** The end of a node's daemon alone. */
		crashDaemon: (node: string) => call(slurmUp, 'crash-slurmd', node),
	};
}
