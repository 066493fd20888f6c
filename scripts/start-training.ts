import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts `bin/train.ts` in a process of its own; with an environment, with the plug-in that records its durable writes. */
export function startTraining(
	run: string,
	config: string,
	more: readonly string[],
	env?: Readonly<Record<string, string>>,
) {
	mkdirSync(dirname(run), { recursive: true });
	// Without it a program starts faster.
	const recording = env === undefined ? [] : ['--plugin', join(root, 'scripts', 'record-writes.ts')];
	const child = spawn(join(root, 'bin', 'train.ts'), [run, config, ...recording, ...more], {
		env: { ...process.env, ...env },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let stderr = '';
	child.stderr.on('data', (chunk: Buffer) => {
		stderr += chunk;
	});
	const ended = once(child, 'exit').then(([code, signal]) => ({
		code: code as number | null,
		signal: signal as NodeJS.Signals | null,
	}));
	return { process: child, ended, stderr: () => stderr };
}
