/**
 * Proves that a fresh clone installs and trains on other versions of Node: `npm run prove:node -- 20 22 24`.
 *
 * Each version comes from the npm package `node`; the clone is of the committed state. Prints a line per version and
 * ends with `N passed, N failed`.
 */
import { join } from 'node:path';
import { execa } from 'execa';
import { conclude, freshClone, pathWithNode, withFolder } from './fresh-clone.ts';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24'];
let failed = 0;

for (const version of versions) {
	try {
		console.log(`ok - ${await withFolder('node', (folder) => prove(version, folder))}`);
	} catch (error) {
		failed += 1;
		console.log(`not ok - node ${version}: ${(error as Error).message}`);
	}
}
conclude(versions.length - failed, failed);

async function prove(version: string, folder: string): Promise<string> {
	const clone = join(folder, 'gimlet');
	const env = { PATH: await pathWithNode(version, join(folder, 'node')) };
	await freshClone(clone);
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
