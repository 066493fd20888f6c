import { z } from 'zod';
import { parseDuration } from '../../core/frequency.ts';
import { budgetsProblem } from '../../jobs/budgets.ts';
import { warningSignals } from '../../jobs/cluster/warning-signals.ts';
import { declareFunction } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';

/** What a `configs/device/*.gin` file describes: where a job list runs and what each of its tasks may use. */
export const profileKind = defineKind<unknown>(
	'profile',
	undefined,
	'Where job lists run and what each of their tasks may use: `bin/jobs.ts --profile`.',
);

const word = (what: string) => z.string().min(1).nullable().default(null).describe(what);
const count = (what: string) => z.int().min(1).nullable().default(null).describe(what);
const isDuration = (text: string): boolean => {
	try {
		return parseDuration(text) > 0;
	} catch {
		return false;
	}
};
const isTime = (text: string): boolean => /^(?:\d+-)?\d+(?::\d+){0,2}$/u.test(text) || isDuration(text);
const expectsTime = 'expects a time such as "4h50m", or as the scheduler writes it';
const expectsDuration = 'expects a duration such as "90s" or "2h30m"';
const duration = (what: string) =>
	z.string().refine(isDuration, expectsDuration).nullable().default(null).describe(what);

const shared = {
	time: z.string().refine(isTime, expectsTime).nullable().default(null).describe('Wall time of a task.'),
	cpus_per_task: count('CPU cores of a task.'),
	memory: z
		.string()
		.regex(/^\d+(?:\.\d+)?[KMGT]?B?$/iu)
		.nullable()
		.default(null)
		.describe("Memory of a task, as in '8G'."),
	gpus: count('GPUs of a task.'),
	max_running: count('Tasks of an array that may run at a time.'),
	per_task: z.int().min(1).default(1).describe('Lines that one task runs, one after the other.'),
	max_array: count('Tasks in one array; more are split. None: what the cluster allows.'),
	dependency: word('What must have happened before, as the scheduler writes it.'),
	mail_user: word('Who is written to.'),
	warning: z
		.int()
		.min(1)
		.default(120)
		.meta({ unit: 'seconds' })
		.describe('Before the time limit, when jobs are told to save their state.'),
	signal: z
		.enum(warningSignals)
		.default('SIGUSR1')
		.describe('What they are told by; a training that gets it ends with exit code 75.'),
	stale: z
		.int()
		.min(1)
		.default(60)
		.meta({ unit: 'seconds' })
		.describe('Without a sign of life after which a task on another node counts as dead.'),
	lines: z.array(z.string()).default([]).describe('Header lines that are copied as they are.'),
};

const slurmParameters = z
	.object({
		partition: word('The partition.'),
		account: word('Who pays.'),
		qos: word('The quality of service.'),
		constraint: word('Features that a node must have.'),
		gpu_type: word("The kind of GPU, as in 'a100'."),
		gres: word("Other generic resources, as in 'lustre:1'."),
		mail_type: z
			.array(z.enum(['BEGIN', 'END', 'FAIL', 'REQUEUE', 'TIME_LIMIT', 'ARRAY_TASKS', 'ALL', 'NONE']))
			.default(['END', 'FAIL'])
			.describe('When `mail_user` is written to.'),
		...shared,
	})
	.describe('A Slurm cluster, and what each task asks of it; None: the cluster decides.');

const lsfParameters = z
	.object({
		queue: word('The queue.'),
		project: word('Who pays.'),
		gpu_mode: word("How a GPU is shared, as in 'exclusive_process'."),
		...shared,
	})
	.describe('An LSF cluster, and what each task asks of it; None: the cluster decides.');

const localParameters = z
	.object({
		jobs: count('Jobs at a time; None: one per GPU given, else one per core.'),
		gpus: word("'auto', or numbers such as '0,1': each job sees one."),
		workers: z
			.enum(['cold', 'warm'])
			.default('cold')
			.describe('A process per job, or processes that stay loaded between training jobs.'),
		retries: z
			.string()
			.superRefine((text, context) => {
				const problem = budgetsProblem(text);
				if (problem !== undefined) {
					context.addIssue({ code: 'custom', message: problem });
				}
			})
			.nullable()
			.default(null)
			.describe("As in 'failure=2,timeout=1,preemption=20'."),
		retry_delay: duration('Wait before a job is repeated.'),
		timeout: duration('An attempt that takes longer is ended.'),
	})
	.describe('This machine, and how `jobs run` uses it.');

export type SlurmSettings = z.output<typeof slurmParameters>;
export type LsfSettings = z.output<typeof lsfParameters>;
export type LocalSettings = z.output<typeof localParameters>;

declareFunction(profileKind, 'slurm', slurmParameters, (settings: SlurmSettings) => settings);
declareFunction(profileKind, 'lsf', lsfParameters, (settings: LsfSettings) => settings);
declareFunction(profileKind, 'local', localParameters, (settings: LocalSettings) => settings);
