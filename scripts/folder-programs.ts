import { config } from '../src/commands/config.ts';
import { evaluate } from '../src/commands/evaluate.ts';
import { experiment } from '../src/commands/experiment.ts';
import { type Program, run } from '../src/commands/main.ts';
import { prepare } from '../src/commands/prepare.ts';
import { replay } from '../src/commands/replay.ts';
import { report } from '../src/commands/report.ts';
import { runs } from '../src/commands/runs.ts';
import { summary } from '../src/commands/summary.ts';
import { train } from '../src/commands/train.ts';

/** A program and its arguments. */
export interface Asked {
	readonly program: string;
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env?: Readonly<Record<string, string>>;
}

/** How it ended. */
export interface Outcome {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

const programs: Readonly<Record<string, Program>> = {
	config,
	evaluate,
	experiment,
	prepare,
	replay,
	report,
	runs,
	summary,
	train,
};

/** Command lines that read a run folder, `RUN`, in a tree, `TREE`, beside a healthy one, `GOOD`; the costly ones last. */
export const commandLines: ReadonlyArray<readonly [program: string, ...args: string[]]> = [
	['runs', 'list', 'TREE'],
	['runs', 'list', 'TREE', '--no-index', '--json'],
	['runs', 'list', 'TREE', '--columns', 'constructor,epoch'],
	['runs', 'list', 'TREE', '--where', 'train.seed=1', '--sort', '-valid/accuracy'],
	['runs', 'show', 'RUN'],
	['runs', 'show', 'RUN', '--json'],
	['runs', 'compare', 'RUN', 'GOOD'],
	['runs', 'verify', 'RUN', 'GOOD'],
	['runs', 'export', 'TREE'],
	['runs', 'export', 'TREE', '--history', '--format', 'json'],
	['runs', 'resume', 'RUN', '--dry-run'],
	['runs', 'keep', 'RUN'],
	['runs', 'rm', 'RUN', '--dry-run'],
	['runs', 'reindex', 'TREE'],
	['report', 'TREE', '--no-files', '--runs'],
	['report', 'RUN', '--format', 'csv'],
	['config', 'show', 'RUN/config.gin'],
	['config', 'diff', 'RUN', 'GOOD'],
	['experiment', 'tune_lr', 'status', 'small'],
	['experiment', 'tune_lr', 'report', 'small', '--no-files'],
	['prepare', 'mnist', '--from', 'RUN', '--data-dir', 'DATA'],
	['summary', 'RUN/config.gin'],
	['train', 'RUN', 'CONFIG', '--dry-run'],
	['evaluate', 'RUN'],
	['replay', 'RUN'],
	['train', 'RUN', 'CONFIG'],
];

/** Runs a program in this process. */
export async function outcomeOf({ program, args }: Asked): Promise<Outcome> {
	const [out, err] = [collector(), collector()];
	const code = await run(programs[program]!, args, { stdout: out, stderr: err, exitCode: 0 });
	return { code, out: out.text(), err: err.text() };
}

// The first megabytes tell enough.
function collector() {
	const pieces: string[] = [];
	let length = 0;
	return {
		write(text: string | Uint8Array): void {
			if (length < most) {
				pieces.push(String(text));
				length += text.length;
			}
		},
		text: () => pieces.join(''),
	};
}

const most = 2 ** 24;
