import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Stream, Streams } from '../src/core/random.ts';
import { verifyRun } from '../src/run/verify.ts';
import { type KillCase, writeCases } from './kill-cases.ts';
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
	/** Durable writes of the uninterrupted run. */
	readonly writes: number;
	/** Milliseconds in which the uninterrupted run held the folder. */
	readonly held: number;
}

/** Kills runs again and again, lets them finish, and compares each with one that was never interrupted. */
export async function proveKills(options: KillOptions): Promise<KillReport> {
	const { folder, seed = 1, examples = 160, epochs = 4, parallel = 2, say = () => {} } = options;
	const cases = writeCases(join(folder, 'configs'), examples, epochs);
	const references = new Map<KillCase, Reference>();
	await Promise.all(cases.map(async (one) => void references.set(one, await reference(folder, one))));
	for (const [{ name }, { writes, held }] of references) {
		say(`${name}: uninterrupted in ${(held / 1000).toFixed(1)} s with ${writes} durable writes`);
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
	{ outcome, writes, held }: Reference,
	random: Stream,
	wanted: number,
	report: Report,
): Promise<void> {
	const strikes = 3 + random.int(4);
	const history: string[] = [];
	let struck = 0;
	for (;;) {
		const kind = struck < strikes && report.kills < wanted ? chooseKind(random) : 'none';
		const shown = await killOnce(run, config, kind, random, writes, held);
		history.push(shown.text);
		if (shown.killed) {
			struck += 1;
			report.kills += 1;
			report.byKind[kind] = (report.byKind[kind] ?? 0) + 1;
		} else if (shown.code !== 0) {
			report.problems.push(`${name} ${run} [${history.join(' | ')}]: exit code ${shown.code}: ${shown.stderr}`);
			return;
		}
		for (const problem of existsSync(join(run, 'status.json')) ? verifyRun(run).problems : []) {
			report.problems.push(`${name} ${run} [${history.join(' | ')}]: ${problem}`);
		}
		if (!shown.killed && shown.code === 0) {
			break;
		}
	}
	report.runs += 1;
	const different = differences(outcome, outcomeOf(run));
	if (different.length > 0) {
		report.problems.push(`${name} ${run} [${history.join(' | ')}]: differs in ${different.join(', ')}`);
		return;
	}
	report.equal += 1;
	rmSync(run, { recursive: true, force: true });
}

type Kind = 'instant' | 'write' | 'tear' | 'step' | 'none';

function chooseKind(random: Stream): Kind {
	return (['instant', 'instant', 'write', 'write', 'tear', 'step'] as const)[random.int(6)]!;
}

interface Ended {
	readonly killed: boolean;
	readonly code: number | null;
	readonly text: string;
	readonly stderr: string;
}

async function killOnce(
	run: string,
	config: string,
	kind: Kind,
	random: Stream,
	writes: number,
	held: number,
): Promise<Ended> {
	// Small numbers are more likely, so that a run is killed several times before it gets to its end.
	const at = 1 + Math.floor((kind === 'step' ? 20 : writes) * random.uniform() ** 2);
	const fault = { write: `kill@write=${at}`, tear: `tear@write=${at}`, step: `kill@step=${at}` }[kind as string];
	const child = startTraining(run, config, fault === undefined ? [] : ['--chaos', fault]);
	if (kind === 'instant') {
		await ownsFolder(run, child.process.pid!, child.ended);
		const delay = random.uniform() * held;
		await Promise.race([sleep(delay), child.ended]);
		child.process.kill('SIGKILL');
	}
	const { code, signal } = await child.ended;
	return { killed: signal === 'SIGKILL', code, text: fault ?? kind, stderr: child.stderr() };
}

async function reference(folder: string, { name, config }: KillCase): Promise<Reference> {
	const run = join(folder, `reference-${name}`);
	const writes = join(folder, `${name}.writes`);
	const child = startTraining(run, config, [], { GIMLET_WRITES: writes });
	await ownsFolder(run, child.process.pid!, child.ended);
	const began = performance.now();
	const { code } = await child.ended;
	if (code !== 0) {
		throw new Error(`The uninterrupted run of ${name} ended with ${code}: ${child.stderr()}`);
	}
	const { problems } = verifyRun(run);
	if (problems.length > 0) {
		throw new Error(`The uninterrupted run of ${name} does not verify: ${problems.join('; ')}`);
	}
	const held = performance.now() - began;
	return { outcome: outcomeOf(run), writes: Number(readFileSync(writes, 'utf8')), held };
}

// Until this process holds the lease: what happens before leaves no trace.
async function ownsFolder(run: string, pid: number, ended: Promise<unknown>): Promise<void> {
	let over = false;
	void ended.then(() => {
		over = true;
	});
	while (!over) {
		try {
			if ((JSON.parse(readFileSync(join(run, 'run.lock'), 'utf8')) as { pid: number }).pid === pid) {
				return;
			}
		} catch {}
		await sleep(3);
	}
}
