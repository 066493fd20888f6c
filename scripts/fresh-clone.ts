import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Clones the committed state of the repository into `target`. */
export async function freshClone(target: string): Promise<void> {
	await execa('git', ['clone', '--quiet', root, target]);
}

/** A copy of a clone, without what git knows of it. */
export function copyClone(from: string, to: string): void {
	cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('/.git') });
}

/** Installs Node from the npm package `node` into `folder` and returns a PATH that begins with it. */
export async function pathWithNode(version: string, folder: string, rest = process.env['PATH'] ?? ''): Promise<string> {
	await execa('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${version}`]);
	return [join(folder, 'node_modules', 'node', 'bin'), rest].join(delimiter);
}

/** Runs `act` with a folder that is gone afterwards. */
export async function withFolder<T>(name: string, act: (folder: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), `gimlet-${name}-`));
	try {
		return await act(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}

/** Prints `N passed, N failed` and sets the exit code by it. */
export function conclude(passed: number, failed: number): void {
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 ? 1 : 0;
}
