import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { verifyRun } from '../src/run/verify.ts';
import { writeCases } from './kill-cases.ts';
import type { KillOptions, KillReport } from './kill-fuzz.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { startTraining } from './start-training.ts';

/** Kills one run before each of its durable writes, from the first to the last, and continues it each time. */
export async function proveBoundaries(options: KillOptions): Promise<KillReport> {
	const { folder, examples = 64, epochs = 2, parallel = 2, from = 1, name = 'mlp', say = () => {} } = options;
	const cases = writeCases(join(folder, 'configs'), examples, epochs, true);
	const found = cases.find((one) => one.name === name);
	if (found === undefined) {
		throw new Error(`There is no case ${name}; there are ${cases.map((one) => one.name).join(', ')}.`);
	}
	const { config } = found;
	const whole = join(folder, 'whole');
	await train(whole, config, []);
	const expected = outcomeOf(whole);
	const problems: string[] = [];
	let kills = 0;
	let runs = 0;
	let equal = 0;
	let next = from;
	let over = false;
	const worker = async () => {
		while (!over) {
			const at = next++;
			const run = join(folder, `write-${at}`);
			const problem = (text: string) => void problems.push(`kill@write=${at}: ${text}`);
			if (!(await train(run, config, ['--chaos', `kill@write=${at}`]))) {
				over = true;
				return;
			}
			kills += 1;
			(existsSync(join(run, 'status.json')) ? verifyRun(run).problems : []).forEach(problem);
			await train(run, config, []);
			const { problems: wrong, notes } = verifyRun(run);
			[...wrong, ...notes].forEach(problem);
			const different = differences(expected, outcomeOf(run));
			runs += 1;
			if (different.length > 0) {
				problem(`differs in ${different.join(', ')}`);
			} else {
				equal += 1;
				rmSync(run, { recursive: true });
			}
			say(`${kills} kills, ${equal} of ${runs} runs equal, ${problems.length} problems`);
		}
	};
	await Promise.all(Array.from({ length: parallel }, worker));
	return { kills, byKind: { write: kills }, runs, equal, problems };
}

// Whether it was killed; any other end but a good one is an error.
async function train(run: string, config: string, more: readonly string[]): Promise<boolean> {
	const child = startTraining(run, config, more);
	const { code, signal } = await child.ended;
	if (signal !== 'SIGKILL' && code !== 0) {
		throw new Error(`${run} ended with ${code}: ${child.stderr()}`);
	}
	return signal === 'SIGKILL';
}
