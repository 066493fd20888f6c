import { execFileSync } from 'node:child_process';
import { UsageError } from '../core/errors.ts';

/** The GPUs that jobs may use, as values of CUDA_VISIBLE_DEVICES: `auto` asks nvidia-smi, `0,2` names them. */
export function findGpus(wanted: string, environment: NodeJS.ProcessEnv = process.env): string[] {
	if (wanted !== 'auto') {
		const ids = wanted.split(',').map((id) => id.trim());
		if (!ids.every((id) => /^(?:\d+|GPU-[\w-]+|MIG-[\w/-]+)$/u.test(id))) {
			throw new UsageError('jobs.gpus', `--gpus ${wanted}: allowed are auto, or numbers or UUIDs such as 0,1,3.`);
		}
		return ids;
	}
	const visible = environment['CUDA_VISIBLE_DEVICES'];
	if (visible !== undefined) {
		return visible.split(',').flatMap((id) => (id.trim() === '' || id.trim() === '-1' ? [] : [id.trim()]));
	}
	return askDriver(environment);
}

function askDriver(environment: NodeJS.ProcessEnv): string[] {
	try {
		const text = execFileSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
			encoding: 'utf8',
			env: environment,
			stdio: ['ignore', 'pipe', 'ignore'],
			timeout: 20_000,
		});
		return text.split('\n').flatMap((line) => (/^\d+$/u.test(line.trim()) ? [line.trim()] : []));
	} catch {
		// No driver, no GPUs.
		return [];
	}
}
