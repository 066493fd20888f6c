import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Stream, Streams } from '../src/core/random.ts';
import { verifyRun } from '../src/run/verify.ts';
import { type KillCase, writeCases } from './kill-cases.ts';
import { historyRows, type Kind, killOnce, kinds, ownsFolder, type Pace } from './kill-once.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { startTraining } from './start-training.ts';

/** How much to prove. */
export interface KillOptions {
	/** Kills that strike; each run gets a few of them before it is left to finish. */
	readonly kills: number;
	/** An empty folder for the runs. */
	readonly folder: string;
	readonly seed?: number;
	/** Training examples and epochs of every run. */
	readonly examples?: number;
	readonly epochs?: number;
	/** A config more: one that goes back to its last checkpoint where numbers are not finite. */
	readonly more?: boolean;
	/** Durable writes of an uninterrupted run, where that is known; else it is counted. */
	readonly writes?: number;
	/** The first boundary, of those one after the other. */
	readonly from?: number;
	/** The config killed at its boundaries: mlp, simple_cnn or rollback. */
	readonly name?: string;
	/** Runs at the same time. */
	readonly parallel?: number;
	readonly say?: (text: string) => void;
}

export interface KillReport {
	/** Kills that struck. */
	readonly kills: number;
	readonly byKind: Readonly<Record<string, number>>;
	/** Runs that were killed at least once and then finished. */
	readonly runs: number;
	readonly equal: number;
	readonly problems: readonly string[];
}

interface Reference {
	readonly outcome: ReturnType<typeof outcomeOf>;
	readonly pace: Pace;
}

/** Kills runs again and again, lets them finish, and compares each with one that was never interrupted. */
export async function proveKills(options: KillOptions): Promise<KillReport> {
	const { folder, seed = 1, examples = 160, epochs = 4, more = false, parallel = 2, say = () => {} } = options;
	const cases = writeCases(join(folder, 'configs'), examples, epochs, more);
	const references = new Map<KillCase, Reference>();
	await Promise.all(cases.map(async (one) => void references.set(one, await reference(folder, one, options.writes))));
	for (const [{ name }, { pace }] of references) {
		say(`${name}: ${JSON.stringify(pace)}`);
	}
	const report = { kills: 0, byKind: {} as Record<string, number>, runs: 0, equal: 0, problems: [] as string[] };
	let number = 0;
	const worker = async () => {
		while (report.kills < options.kills) {
			const run = number++;
			const one = cases[run % cases.length]!;
			const random = new Streams(seed).stream(`run ${run}`);
			await proveRun(join(folder, `run-${run}`), one, references.get(one)!, random, options.kills, report);
			say(`${report.kills} kills, ${report.equal} of ${report.runs} runs equal, ${report.problems.length} problems`);
		}
	};
	await Promise.all(Array.from({ length: parallel }, worker));
	return report;
}

type Report = { -readonly [K in keyof KillReport]: KillReport[K] } & {
	problems: string[];
	byKind: Record<string, number>;
};

async function proveRun(
	run: string,
	{ name, config }: KillCase,
	{ outcome, pace }: Reference,
	random: Stream,
	wanted: number,
	report: Report,
): Promise<void> {
	const strikes = 4 + random.int(4);
	const history: string[] = [];
	const problem = (text: string) => void report.problems.push(`${name} ${run} [${history.join(' | ')}]: ${text}`);
	let struck = 0;
	for (;;) {
		const kind: Kind = struck < strikes && report.kills < wanted ? kinds[random.int(kinds.length)]! : 'none';
		const shown = await killOnce(run, config, kind, random, pace);
		history.push(shown.text);
		if (shown.killed) {
			struck += 1;
			report.kills += 1;
			report.byKind[kind] = (report.byKind[kind] ?? 0) + 1;
		} else if (shown.code !== 0) {
			return problem(`exit code ${shown.code}: ${shown.stderr}`);
		}
		const { problems, notes } = existsSync(join(run, 'status.json')) ? verifyRun(run) : { problems: [], notes: [] };
		problems.forEach(problem);
		if (!shown.killed) {
			// What a killed session left is gone by now, inside and beside the run.
			notes.forEach(problem);
			remains(run).forEach(problem);
			break;
		}
	}
	report.runs += 1;
	const different = differences(outcome, outcomeOf(run));
	if (different.length > 0) {
		return problem(`differs in ${different.join(', ')}`);
	}
	report.equal += 1;
	rmSync(run, { recursive: true, force: true });
}

function remains(run: string): string[] {
	const beside = readdirSync(join(run, '..')).filter((name) => name.startsWith(`.${basename(run)}.`));
	const inside = readdirSync(run, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
	return [...beside, ...inside].map((name) => `${name} is left behind`);
}

async function reference(folder: string, one: KillCase, writes: number | undefined): Promise<Reference> {
	const run = join(folder, `reference-${one.name}`);
	const counted = writes ?? countWrites(folder, one);
	const began = performance.now();
	const child = startTraining(run, one.config, []);
	let over = false;
	const ended = child.ended.then((result) => {
		over = true;
		return result;
	});
	const times: Array<{ rows: number; at: number }> = [];
	let start = 0;
	while (!over) {
		start ||= ownsFolder(run, child.process.pid!) ? performance.now() - began : 0;
		times.push({ rows: historyRows(run), at: performance.now() });
		await sleep(5);
	}
	const { code } = await ended;
	if (code !== 0) {
		throw new Error(`The uninterrupted run of ${one.name} ended with ${code}: ${child.stderr()}`);
	}
	const { problems, notes } = verifyRun(run);
	if (problems.length + notes.length > 0) {
		throw new Error(`The uninterrupted run of ${one.name} does not verify: ${[...problems, ...notes].join('; ')}`);
	}
	const now = performance.now();
	const rows = historyRows(run);
	const { steps } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as { steps: number };
	const end = now - (times.find((time) => time.rows >= rows)?.at ?? now);
	return {
		outcome: outcomeOf(run),
		pace: { start, held: now - began - start, end, writes: await counted, rows, steps },
	};
}

async function countWrites(folder: string, { name, config }: KillCase): Promise<number> {
	const file = join(folder, `${name}.writes`);
	const { code } = await startTraining(join(folder, `counted-${name}`), config, [], { GIMLET_WRITES: file }).ended;
	if (code !== 0) {
		throw new Error(`The run of ${name} whose writes are counted ended with ${code}.`);
	}
	return Number(readFileSync(file, 'utf8'));
}
