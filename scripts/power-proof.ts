import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Streams } from '../src/core/random.ts';
import { verifyRun } from '../src/run/verify.ts';
import type { KillCase } from './kill-cases.ts';
import { Disk, type Loss, readTrace } from './power-loss.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { startTraining } from './start-training.ts';

export interface PowerOptions {
	readonly folder: string;
	readonly case: KillCase;
	/** How many of the different disks to resume from, evenly chosen; all are verified. */
	readonly resumes: number;
	/** Also resume from every disk at a moment when a checkpoint or a name of one had just come into its place. */
	readonly boundaries?: boolean;
	readonly parallel?: number;
	readonly say?: (text: string) => void;
}

export interface PowerReport {
	/** Steps of the trace: power is lost after each. */
	readonly prefixes: number;
	/** Different disks that this leaves. */
	readonly disks: number;
	readonly resumed: number;
	readonly equal: number;
	readonly problems: readonly string[];
}

/** Loses power after every step of a run's trace, verifies what is left, and resumes from it. */
export async function provePower(options: PowerOptions): Promise<PowerReport> {
	const { folder, resumes, boundaries = false, parallel = 2, say = () => {} } = options;
	const trace = join(folder, 'trace.jsonl');
	const world = join(folder, 'reference');
	mkdirSync(world, { recursive: true });
	const child = startTraining(join(world, 'run'), options.case.config, [], { GIMLET_TRACE: trace });
	const { code } = await child.ended;
	if (code !== 0) {
		throw new Error(`The uninterrupted run ended with ${code}: ${child.stderr()}`);
	}
	const expected = outcomeOf(join(world, 'run'));
	const steps = readTrace(trace);
	const problems: string[] = [];
	const disks: Found[] = [];
	for (const loss of ['names', 'kept', 'mixed'] as const) {
		disks.push(...verifyPrefixes(folder, world, steps, loss, problems));
	}
	say(`${steps.length} steps, ${disks.length} different disks, ${problems.length} problems`);
	const chosen = disks
		.filter(
			({ isBoundary }, i) =>
				(boundaries && isBoundary) ||
				Math.floor((i * resumes) / disks.length) !== Math.floor(((i - 1) * resumes) / disks.length),
		)
		.map(({ disk }) => disk);
	let equal = 0;
	const queue = [...chosen];
	const worker = async () => {
		for (let disk = queue.shift(); disk !== undefined; disk = queue.shift()) {
			const again = startTraining(join(disk, 'run'), options.case.config, [], {});
			const result = await again.ended;
			const different = result.code === 0 ? differences(expected, outcomeOf(join(disk, 'run'))) : [];
			if (result.code !== 0) {
				problems.push(`${disk}: resuming ended with ${result.code}: ${again.stderr()}`);
			} else if (different.length > 0) {
				problems.push(`${disk}: resumed, it differs in ${different.join(', ')}`);
			} else {
				equal += 1;
			}
			say(`${equal} of ${chosen.length} resumed and equal, ${problems.length} problems`);
		}
	};
	await Promise.all(Array.from({ length: parallel }, worker));
	return { prefixes: steps.length, disks: disks.length, resumed: chosen.length, equal, problems };
}

interface Found {
	readonly disk: string;
	readonly isBoundary: boolean;
}

// Returns the folders of disks not met before.
function verifyPrefixes(
	folder: string,
	world: string,
	steps: ReturnType<typeof readTrace>,
	loss: Loss,
	problems: string[],
): Found[] {
	const disk = new Disk(world);
	const seen = new Set<string>();
	const found: Found[] = [];
	const random = new Streams(1).stream(loss);
	steps.forEach((step, i) => {
		disk.apply(step);
		const fingerprint = createHash('sha256').update(disk.fingerprint(loss)).digest('hex');
		const isBoundary = step.kind === 'rename' && /\/checkpoints\/[^./]+$/u.test(step.to!);
		if (seen.has(fingerprint)) {
			return;
		}
		seen.add(fingerprint);
		const target = join(folder, `${loss}-${i + 1}`);
		mkdirSync(target);
		disk.materialise(target, loss, random);
		const run = join(target, 'run');
		const wrong = existsSync(join(run, 'status.json')) ? verifyRun(run).problems : [];
		problems.push(...wrong.map((problem) => `power lost after step ${i + 1} (${step.kind} ${step.path}): ${problem}`));
		if (wrong.length === 0) {
			found.push({ disk: target, isBoundary });
		} else {
			rmSync(target, { recursive: true });
		}
	});
	return found;
}
