import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { execa, type ResultPromise } from 'execa';
import { jobs } from '../../src/commands/jobs.ts';
import { run } from '../../src/commands/main.ts';
import { slurm } from '../../src/jobs/cluster/slurm.ts';
import { type JobStanding, standings } from '../../src/jobs/cluster/standing.ts';
import { StateFolder } from '../../src/jobs/folder.ts';
import { readJobList } from '../../src/jobs/list.ts';

const program = fileURLToPath(new URL('../../bin/jobs.ts', import.meta.url));

/** A scratch folder with a job list in it, and `bin/jobs.ts` at work on that. */
export class JobsWorld {
	readonly folder: string;
	readonly list: string;
	readonly #env: Record<string, string>;

	constructor(t: ExecutionContext, lines: readonly string[], env: Record<string, string> = {}) {
		this.folder = mkdtempSync(join(tmpdir(), 'gimlet-jobs-'));
		this.list = join(this.folder, 'batch.sh');
		this.#env = { ...env };
		this.write(lines);
		t.teardown(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }));
	}

	/** The list, and files beside it. */
	write(lines: readonly string[], files: Readonly<Record<string, string>> = {}): void {
		writeFileSync(this.list, `${lines.join('\n')}\n`);
		for (const [name, text] of Object.entries(files)) {
			writeFileSync(this.path(name), text);
		}
	}

	/** A program of a cluster that is not there, found first by everything that is started here. */
	stub(name: string, script: string): void {
		const bin = this.path('stubs');
		mkdirSync(bin, { recursive: true });
		writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
		this.#env['PATH'] = `${bin}:${process.env['PATH']}`;
	}

	/** A task of the first submission as a cluster would start it, begun. */
	task(number: string | number, env: Record<string, string> = {}): ResultPromise<{ reject: false; all: true }> {
		const script = this.path('batch.sh.jobs/submissions/1/array.sbatch');
		const own = { ...this.#env, SLURM_ARRAY_TASK_ID: String(number), ...env };
		return execa('bash', [script], { cwd: this.folder, env: own, reject: false, all: true });
	}

	/** `jobs COMMAND batch.sh OPTION...`, begun. */
	start(command: string, ...options: string[]): ResultPromise<{ reject: false }> {
		return execa(program, [command, this.list, ...options], { cwd: this.folder, env: this.#env, reject: false });
	}

	/** The same, ended. */
	async jobs(command: string, ...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
		const { exitCode, stdout, stderr } = await this.start(command, ...options);
		return { code: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
	}

	/** The same in this process, which is quicker; one world at a time. */
	async here(command: string, ...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
		const texts = { stdout: '', stderr: '' };
		const output = (name: keyof typeof texts) => ({
			write: (text: string | Uint8Array) => {
				texts[name] += String(text);
				return true;
			},
		});
		const before = process.env['PATH'];
		process.env['PATH'] = this.#env['PATH'] ?? before;
		try {
			const io = { stdout: output('stdout'), stderr: output('stderr'), exitCode: 0 as const };
			return { code: await run(jobs, [command, this.list, ...options], io as never), ...texts };
		} finally {
			process.env['PATH'] = before;
		}
	}

	/** Where each job stands, in the order of the list. */
	standings(): string[] {
		return this.surveyed().map(({ standing }) => standing);
	}

	/** The same, with what is known of each. */
	surveyed(): readonly JobStanding[] {
		const { jobs } = readJobList(this.list);
		return standings(jobs, new StateFolder(this.list), { slurm });
	}

	path(...parts: string[]): string {
		return join(this.folder, ...parts);
	}

	/** A file's lines; none where it is missing. */
	lines(...parts: string[]): string[] {
		try {
			return readFileSync(this.path(...parts), 'utf8')
				.split('\n')
				.slice(0, -1);
		} catch {
			return [];
		}
	}

	/** The names in a folder of the list's state; none where it is missing. */
	names(folder: string): string[] {
		const path = this.path('batch.sh.jobs', folder);
		return existsSync(path) ? readdirSync(path).sort() : [];
	}
}

/** Waits until something is so; fails after `seconds`. */
export async function until(what: string, seconds: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
	const end = Date.now() + seconds * 1000;
	while (!(await isSo())) {
		if (Date.now() > end) {
			throw new Error(`${seconds} s have passed, and still not: ${what}`);
		}
		await sleep(100);
	}
}
