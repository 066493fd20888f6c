import { EnvironmentError, type GimletError, UsageError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { didYouMean } from '../../core/suggest.ts';
import { visible } from '../../core/visible.ts';
import { NotTaken, unclear } from './not-taken.ts';
import type { ArrayShape, Profile } from './profile.ts';
import { ask } from './programs.ts';
import type { Handover, Scheduler } from './scheduler.ts';
import { lastWord, report } from './slurm-reports.ts';
import { shortName } from './warning-signals.ts';

/** Slurm; sacct is asked only for what squeue has forgotten, and may be missing. */
export const slurm: Scheduler = {
	name: 'slurm',
	script: 'array.sbatch',
	canName,
	header,
	largestArray,
	submit,
	report,
	lastWord,
	cancel(tasks) {
		const { code, stderr } = ask('scancel', tasks);
		return code === undefined ? 'there is no scancel here' : code === 0 ? '' : stderr;
	},
};

function header({ name, label, tasks, throttle, folder, cwd }: ArrayShape, profile: Profile): string[] {
	const { partition, time, cpus, memory, account, qos, constraint, dependency, lines = [], warning = 120 } = profile;
	const { mailUser, mailTypes = [], signal = 'SIGUSR1' } = profile;
	const option = (key: string, value: string | number | undefined): string[] =>
		value === undefined ? [] : [`#SBATCH --${key}=${value}`];
	return [
		...option('job-name', name),
		...option('comment', label),
		...option('array', `0-${tasks - 1}${throttle === undefined ? '' : `%${throttle}`}`),
		...option('chdir', canName(cwd) ? quoted(cwd) : '/'),
		...option('output', canName(folder) ? quoted(`${folder.replaceAll('%', '%%')}/task-%A_%a.log`) : '/dev/null'),
		// A task that is requeued goes on in the same file.
		...option('open-mode', 'append'),
		'#SBATCH --requeue',
		...option('signal', `B:${shortName(signal)}@${warning}`),
		...option('partition', partition),
		...option('time', time === undefined ? undefined : slurmTime(time)),
		...option('cpus-per-task', cpus),
		...option('mem', memory),
		...option('gres', gresOf(profile)),
		...option('account', account),
		...option('qos', qos),
		...option('constraint', constraint === undefined ? undefined : `"${constraint}"`),
		...option('dependency', dependency),
		...option('mail-user', mailUser),
		...option('mail-type', mailUser === undefined || mailTypes.length === 0 ? undefined : mailTypes.join()),
		...lines,
	];
}

function gresOf({ gpus, gpuType, gres }: Profile): string | undefined {
	const own = gpus === undefined ? [] : [`gpu:${gpuType === undefined ? '' : `${gpuType}:`}${gpus}`];
	return [...own, ...(gres === undefined ? [] : [gres])].join() || undefined;
}

// A backslash turns off the replacement of `%A` and `%a`, and is gone.
function canName(path: string): boolean {
	return !path.includes('\\') && visible(path) === path;
}

// Unquoted, a `#` begins a comment.
function quoted(path: string): string {
	return /^[\w@%+=:,./-]+$/u.test(path) ? path : `"${path.replaceAll('"', '\\"')}"`;
}

/** `4h50m` as Slurm writes it; its own notation stays. */
export function slurmTime(time: string): string {
	if (/^(?:\d+-)?\d+(?::\d+){0,2}$/u.test(time)) {
		return time;
	}
	const minutes = Math.ceil(parseDuration(time) / 60);
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:00`;
}

function largestArray(): number {
	const text = ask('scontrol', ['show', 'config']).stdout;
	return Number(/^MaxArraySize\s*=\s*(\d+)/mu.exec(text)?.[1] ?? 1001);
}

function submit(script: string, { profile, label, after }: Handover): string {
	// They win over what the script says, also over header lines of the user's.
	const dependency = dependencyOf(profile, after);
	const options = [`--comment=${label}`, ...(dependency === undefined ? [] : [`--dependency=${dependency}`])];
	const { code, stdout, stderr } = ask('sbatch', ['--parsable', ...options, script], { env: withoutJob(process.env) });
	if (code === undefined) {
		const hint = `There is no sbatch on this machine. Where there is one: sbatch ${shellQuote(script)}`;
		throw new NotTaken(new EnvironmentError('jobs.no_slurm', hint), 'there is no sbatch on this machine');
	}
	// Some sites print a banner first; `--parsable` adds the cluster's name where there are several.
	const id = stdout.split('\n').findLast((line) => /^\d+(?:;.*)?$/u.test(line.trim()));
	if (code === 0 && id !== undefined) {
		return /\d+/u.exec(id)![0];
	}
	if (code === 0) {
		throw unclear('sbatch', script, `it said no number: "${stdout.trim()}"`);
	}
	const said = stderr.replaceAll(/^sbatch: (?:error: )?/gmu, '').replaceAll('\n', ' ');
	if (/timed out|unable to contact|connect|communication|socket|zero bytes/iu.test(said)) {
		throw unclear('sbatch', script, said);
	}
	throw new NotTaken(refusalOf(script, said, profile), said);
}

function refusalOf(script: string, said: string, profile: Profile): GimletError {
	if (!/invalid partition/iu.test(said)) {
		return new EnvironmentError('jobs.refused', `sbatch refused ${script}: ${said}`);
	}
	const partitions = ask('sinfo', ['-h', '-o', '%R'])
		.stdout.split('\n')
		.filter((name) => name !== '');
	const hint = didYouMean(profile.partition ?? '', partitions);
	return new UsageError(
		'jobs.partition',
		`partition = "${profile.partition ?? ''}" is refused (${said}).${hint} There are: ${partitions.join(', ')}.`,
	);
}

function dependencyOf({ dependency }: Profile, after: readonly string[]): string | undefined {
	if (after.length === 0) {
		return dependency;
	}
	if (dependency?.includes('?')) {
		throw new UsageError(
			'jobs.dependency',
			`dependency = "${dependency}" names alternatives, to which "after job ${after.join(', ')}" cannot be added: max_running counts over all arrays of a list. Submit it without max_running.`,
		);
	}
	return [...(dependency === undefined ? [] : [dependency]), `afterany:${after.join(':')}`].join();
}

// A submitter that is a job itself must not hand its own numbers on: Slurm sets some of them only where they apply.
function withoutJob(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const own =
		/^SLURM_(?:ARRAY|CPU|GPU|GRES|JOB|LOCALID|MEM|NNODES|NODE|NPROCS|NTASKS|PROCID|RESTART|STEP|TASK|THREADS|TRES)/u;
	return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}
