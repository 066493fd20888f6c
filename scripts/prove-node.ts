/**
 * Proves that a fresh clone installs and trains on other versions of Node: `npm run prove:node -- 20 22 24`.
 *
 * Each version comes from the npm package `node`; the clone is of the committed state. Prints a line per version and
 * ends with `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('..', import.meta.url));
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
let failed = 0;

for (const version of versions) {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-node-'));
	try {
		console.log(`ok - ${await prove(version, folder)}`);
	} catch (error) {
		failed += 1;
		console.log(`not ok - node ${version}: ${(error as Error).message}`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
console.log(`${versions.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function prove(version: string, folder: string): Promise<string> {
	const node = join(folder, 'node');
	const clone = join(folder, 'gimlet');
	await execa('npm', ['install', '--prefix', node, '--no-audit', '--no-fund', `node@${version}`]);
	const env = { PATH: [join(node, 'node_modules', 'node', 'bin'), process.env['PATH']].join(delimiter) };
	await execa('git', ['clone', '--quiet', root, clone]);
	const command =
		'node --version && . ./e.sh && bin/train.ts results/first configs/cnn.gin && bin/evaluate.ts results/first';
	const { stdout } = await execa('bash', ['-c', command], { cwd: clone, env });
	const lines = stdout.split('\n');
	const accuracy = lines.find((line) => line.startsWith('test/accuracy'))?.split(/\s+/u)[1];
	if (accuracy === undefined || Number(accuracy) < 0.97) {
		throw new Error(`test accuracy ${accuracy}:\n${stdout}`);
	}
	return `${lines[0]}: installed, trained, test accuracy ${accuracy}`;
}
