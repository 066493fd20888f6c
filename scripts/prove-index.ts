/**
 * Proves that checking a config costs little more than starting Node, however many components there are:
 * `npm run prove:index -- [ROUNDS]`.
 *
 * Two copies of the program are compiled, one with 1,000 components more. `node -e 0` and `bin/config.ts check` run in
 * turns, compiled and from TypeScript; a ratio is the median of those of the single rounds. Fails where one is too high.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const rounds = Number(process.argv[2] ?? 15);
const most = { compiled: 3, typescript: 10, generated: 2 };
const root = fileURLToPath(new URL('..', import.meta.url));
const copied = ['bin', 'src', 'scripts', 'bench', 'configs', 'package.json', 'package-lock.json', 'tsconfig.json'];
const folder = mkdtempSync(join(tmpdir(), 'gimlet-index-'));

try {
	process.exitCode = await prove();
} finally {
	rmSync(folder, { recursive: true, force: true });
}

async function prove(): Promise<number> {
	const [shipped, enlarged] = [await copy('shipped', 0), await copy('enlarged', 1000)];
	const runs: Record<string, () => Promise<unknown>> = {
		node: () => execa('node', ['-e', '0']),
		compiled: () => check(shipped, '1'),
		'compiled, 1,000 more': () => check(enlarged, '1'),
		typescript: () => check(shipped, '0'),
		'typescript, 1,000 more': () => check(enlarged, '0'),
	};
	const times = new Map(Object.keys(runs).map((name) => [name, [] as number[]]));
	// The first round makes the indexes and fills caches.
	for (let round = -1; round < rounds; round++) {
		for (const [name, run] of Object.entries(runs)) {
			const begin = performance.now();
			await run();
			if (round >= 0) {
				times.get(name)!.push(performance.now() - begin);
			}
		}
	}
	const ratio = (name: string, to: string) =>
		median(times.get(name)!.map((time, round) => time / times.get(to)![round]!));
	const results: Array<readonly [text: string, ratio: number, most: number]> = [
		['compiled / node -e 0', ratio('compiled', 'node'), most.compiled],
		['TypeScript / node -e 0', ratio('typescript', 'node'), most.typescript],
		['compiled, 1,000 components more / without', ratio('compiled, 1,000 more', 'compiled'), most.generated],
		['TypeScript, 1,000 components more / without', ratio('typescript, 1,000 more', 'typescript'), most.generated],
	];
	for (const [text, found, allowed] of results) {
		console.log(`${text}: ${found.toFixed(2)} (at most ${allowed})${found > allowed ? ', missed' : ''}`);
	}
	for (const [name, all] of times) {
		console.log(`${name}: ${median(all).toFixed(0)} ms`);
	}
	return results.some(([, found, allowed]) => found > allowed) ? 1 : 0;
}

function check(project: string, compiled: '0' | '1') {
	return execa(join(project, 'bin/config.ts'), ['check', 'configs/cnn.gin'], {
		cwd: project,
		env: { GIMLET_COMPILED: compiled },
	});
}

async function copy(name: string, components: number): Promise<string> {
	const project = join(folder, name);
	for (const path of copied) {
		cpSync(join(root, path), join(project, path), { recursive: true });
	}
	symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
	mkdirSync(join(project, '.cache'));
	for (let index = 0; index < components; index++) {
		writeFileSync(join(project, `src/losses/generated${index}.ts`), component(`generated${index}`));
	}
	await execa('node', ['--import=tsx', 'scripts/build.ts'], { cwd: project });
	return project;
}

function component(name: string): string {
	return `import { z } from 'zod';
import { Loss, loss } from '../train/contracts/loss.ts';

const parameters = z
	.object({
		weight: z.number().min(0).default(1).describe('Factor of this part.'),
		margin: z.number().min(0).max(1).default(0.5).describe('Differences below it cost nothing.'),
		steps: z.int().positive().default(10).describe('How often it is averaged.'),
		mode: z.enum(['mean', 'sum']).default('mean').describe('How the values of a batch become one.'),
		classes: z.array(z.int()).default([]).describe('Classes that count.'),
	})
	.describe('One of many.');

@loss('${name}', parameters)
export class Generated extends Loss {
	constructor(readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(): never {
		throw new Error('Never trained.');
	}
}
`;
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)]!;
}
