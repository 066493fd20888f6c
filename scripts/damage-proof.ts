import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Streams } from '../src/core/random.ts';
import { verifyRun } from '../src/run/verify.ts';
import { changes, type Damage, pointers, tails, truncations } from './damages.ts';
import { writeCases } from './kill-cases.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { startTraining } from './start-training.ts';

export interface DamageOptions {
	/** An empty folder. */
	readonly folder: string;
	/** Places at which `last` is cut off. */
	readonly cuts: number;
	/** Which of the other damages, all by default. */
	readonly others?: (name: string) => boolean;
	readonly seed?: number;
	readonly parallel?: number;
	readonly say?: (text: string) => void;
}

export interface DamageReport {
	readonly damages: number;
	readonly equal: number;
	/** Ended with exit code 4, and nothing was changed: rows are gone that only `init` can do without. */
	readonly refused: number;
	readonly problems: readonly string[];
}

/** Kills a run near its end, damages copies of its folder, continues each, and compares with the run never interrupted. */
export async function proveDamages(options: DamageOptions): Promise<DamageReport> {
	const { folder, cuts, others = () => true, seed = 1, parallel = 2, say = () => {} } = options;
	const config = writeCases(join(folder, 'configs'), 160, 4)[0]!.config;
	const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
	const [end] = await Promise.all([
		startTraining(whole, config, []).ended,
		startTraining(killed, config, ['--chaos', 'kill@step=18']).ended,
	]);
	if (end.code !== 0) {
		throw new Error(`The uninterrupted run ended with ${end.code}.`);
	}
	const expected = outcomeOf(whole);
	const random = new Streams(seed).stream('damages');
	const all: Damage[] = [
		...truncations(killed, cuts, random),
		...[...changes(killed, random), ...pointers, ...tails].filter(({ name }) => others(name)),
	];
	const problems: string[] = [];
	let equal = 0;
	let refused = 0;
	const queue = [...all.entries()];
	const worker = async () => {
		for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
			const [i, { name, apply }] = one;
			const run = join(folder, `damaged-${i}`);
			cpSync(killed, run, { recursive: true, verbatimSymlinks: true });
			apply(run);
			const before = treeHash(run);
			const child = startTraining(run, config, []);
			const { code } = await child.ended;
			if (code === 4 && /^(?:history|steps)\.csv /u.test(name) && treeHash(run) === before) {
				refused += 1;
				continue;
			}
			const different = code === 0 ? differences(expected, outcomeOf(run)) : [];
			const found = code === 0 ? verifyRun(run).problems : [`exit code ${code}: ${child.stderr()}`];
			problems.push(...found.map((problem) => `${name}: ${problem}`));
			if (different.length > 0) {
				problems.push(`${name}: differs in ${different.join(', ')}`);
			} else if (found.length === 0) {
				equal += 1;
			}
			if (existsSync(run)) {
				rmSync(run, { recursive: true });
			}
			say(`${equal} of ${i + 1} equal, ${problems.length} problems; ${name}`);
		}
	};
	await Promise.all(Array.from({ length: parallel }, worker));
	return { damages: all.length, equal, refused, problems };
}

function treeHash(folder: string): string {
	const hash = createHash('sha256');
	for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		hash.update(`${path}\n`).update(entry.isFile() ? readFileSync(path) : '');
	}
	return hash.digest('hex');
}
