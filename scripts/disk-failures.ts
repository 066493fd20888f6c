import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyRun } from '../src/run/verify.ts';
import { writeCases } from './kill-cases.ts';
import { historyRows } from './kill-once.ts';
import { differences, outcomeOf } from './run-outcome.ts';
import { startTraining } from './start-training.ts';

export interface FailureOptions {
	readonly folder: string;
	/** Sizes that are tried of each failure. */
	readonly places?: number;
	readonly say?: (text: string) => void;
}

export interface FailureReport {
	readonly failures: number;
	readonly equal: number;
	readonly leftOut: readonly string[];
	readonly problems: readonly string[];
}

const program = fileURLToPath(new URL('../bin/train.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

/** A full disk, files that may not grow and a folder made read-only, at many moments of a run each. */
export async function proveDiskFailures({
	folder,
	places = 8,
	say = () => {},
}: FailureOptions): Promise<FailureReport> {
	mkdirSync(folder, { recursive: true });
	const config = writeCases(join(folder, 'configs'), 96, 3)[0]!.config;
	const whole = join(folder, 'whole');
	const { code } = await startTraining(whole, config, []).ended;
	if (code !== 0) {
		throw new Error(`The uninterrupted run ended with ${code}.`);
	}
	const expected = outcomeOf(whole);
	const problems: string[] = [];
	const leftOut: string[] = [];
	let failures = 0;
	let equal = 0;
	const prove = async (what: string, run: string, first: Ended, again: () => Promise<Ended>, repair: () => void) => {
		const before = problems.length;
		const problem = (text: string) => void problems.push(`${what}: ${text}`);
		if (first.code === 0) {
			return;
		}
		failures += 1;
		for (const [when, ended] of [
			['at first', first],
			['the second time', await again()],
		] as const) {
			if (ended.code !== 4) {
				problem(`${when} it ended with ${ended.code}: ${ended.stderr.slice(-500)}`);
			}
		}
		(existsSync(join(run, 'status.json')) ? verifyRun(run).problems : []).forEach(problem);
		repair();
		const repaired = startTraining(run, config, []);
		const end = await repaired.ended;
		if (end.code !== 0) {
			problem(`repaired, it ended with ${end.code}: ${repaired.stderr().slice(-500)}`);
		} else {
			const different = differences(expected, outcomeOf(run));
			[...verifyRun(run).problems, ...different.map((name) => `differs in ${name}`)].forEach(problem);
		}
		equal += problems.length === before ? 1 : 0;
		say(`${equal} of ${failures} failures of the disk continued exactly; ${what}`);
	};
	for (let i = 1; i <= places; i += 1) {
		const run = join(folder, `limited-${i}`);
		// Blocks of 512 bytes; the largest file of the run has about 60.
		const limited = () => finish('sh', ['-c', `ulimit -f ${i * 6}; exec "$0" "$@"`, program, run, config]);
		await prove(`files of at most ${i * 6} blocks`, run, await limited(), limited, () => {});
	}
	const disk = join(folder, 'disk');
	mkdirSync(disk);
	if (mount(disk)) {
		try {
			for (let i = 0; i < places; i += 1) {
				const run = join(disk, 'run');
				rmSync(run, { recursive: true, force: true });
				const filler = join(disk, 'filler');
				writeFileSync(filler, Buffer.alloc(size));
				// Tmpfs counts whole pages; a run takes some 100.
				truncateSync(filler, size - (i * 64 * 8 * 1024) / places);
				const started = () => finish(program, [run, config]);
				const what = `a disk with ${Math.round((i * 512) / places)} KiB left`;
				await prove(what, run, await started(), started, () => rmSync(filler));
				rmSync(filler, { force: true });
			}
		} finally {
			execFileSync('umount', [disk]);
		}
	} else {
		leftOut.push('a full disk, which needs root and tmpfs');
	}
	for (const rows of [0, 1, 2]) {
		const place = join(folder, `read-only-${rows}`);
		mkdirSync(place);
		chmodSync(place, 0o777);
		const run = join(place, 'run');
		// Root writes anywhere.
		const user = isRoot ? { uid: nobody, gid: nobody } : {};
		const child = spawn(program, [run, config], { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
		const ended = collect(child);
		let over = false;
		void ended.then(() => {
			over = true;
		});
		while (!over && historyRows(run) < rows) {
			await new Promise((done) => setTimeout(done, 5));
		}
		const change = (mode: string) => existsSync(run) && execFileSync('chmod', ['-R', mode, run]);
		change('a-w');
		await prove(
			`a folder made read-only after ${rows} epochs`,
			run,
			await ended,
			() => collect(spawn(program, [run, config], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })),
			() => change('u+w'),
		);
	}
	return { failures, equal, leftOut, problems };
}

const size = 8 * 1024 * 1024;

interface Ended {
	readonly code: number | null;
	readonly stderr: string;
}

function finish(command: string, args: readonly string[]): Promise<Ended> {
	return collect(spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
}

async function collect(child: ReturnType<typeof spawn>): Promise<Ended> {
	let stderr = '';
	child.stderr!.on('data', (chunk: Buffer) => {
		stderr += chunk;
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	return { code, stderr };
}

function mount(path: string): boolean {
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
		return readdirSync(path).length === 0;
	} catch {
		return false;
	}
}
