import { existsSync, readdirSync } from 'node:fs';
import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Profile } from '../../jobs/cluster/profile.ts';
import { projectRoot } from '../training-config.ts';
import type { LocalSettings, LsfSettings, SlurmSettings } from './profiles.ts';

/** Where a profile comes from: a name in `configs/device/` or a file, and bindings that win over it. */
export interface ProfileChoice {
	readonly profile?: string | undefined;
	readonly binding: readonly string[];
}

/** What a cluster's profile says, for `submit`. */
export interface ClusterProfile {
	readonly scheduler: 'slurm' | 'lsf';
	readonly profile: Profile;
	readonly perTask: number;
	readonly maxRunning: number | null;
	readonly maxArray: number | null;
	readonly stale: number;
}

/** The cluster's profile; undefined where neither a profile nor bindings are given. */
export async function clusterProfile(
	choice: ProfileChoice,
	scheduler: 'slurm' | 'lsf' | undefined,
): Promise<ClusterProfile | undefined> {
	if (choice.profile === undefined && choice.binding.length === 0) {
		return undefined;
	}
	const { root, settings } = await settingsOf(choice, ['slurm', 'lsf'], scheduler);
	const common = settings as SlurmSettings | LsfSettings;
	return {
		scheduler: root as 'slurm' | 'lsf',
		profile: { ...ofBoth(common), ...(root === 'slurm' ? ofSlurm(common as never) : ofLsf(common as never)) },
		perTask: common.per_task,
		maxRunning: common.max_running,
		maxArray: common.max_array,
		stale: common.stale,
	};
}

/** How `run` uses this machine; undefined where neither a profile nor bindings are given. */
export async function localProfile(choice: ProfileChoice): Promise<LocalSettings | undefined> {
	return choice.profile === undefined && choice.binding.length === 0
		? undefined
		: ((await settingsOf(choice, ['local'], 'local')).settings as LocalSettings);
}

function ofBoth(settings: SlurmSettings | LsfSettings): Profile {
	const { time, cpus_per_task, memory, gpus, dependency, mail_user, warning, signal, lines } = settings;
	return present({ time, cpus: cpus_per_task, memory, gpus, dependency, mailUser: mail_user, warning, signal, lines });
}

function ofSlurm({ partition, account, qos, constraint, gpu_type, gres, mail_type }: SlurmSettings): Profile {
	return present({ partition, account, qos, constraint, gpuType: gpu_type, gres, mailTypes: mail_type });
}

function ofLsf({ queue, project, gpu_mode }: LsfSettings): Profile {
	return present({ partition: queue, account: project, gpuMode: gpu_mode });
}

function present<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as never;
}

async function settingsOf(
	{ profile, binding }: ProfileChoice,
	legal: readonly string[],
	wanted: string | undefined,
): Promise<{ readonly root: string; readonly settings: unknown }> {
	// Late: lists that run without a profile need no schemas.
	const [{ Configuration }] = await Promise.all([import('../../registry/configuration.ts'), import('./profiles.ts')]);
	const config = await Configuration.fromFiles(profile === undefined ? [] : [fileOf(profile)], {
		bindings: binding,
		searchPath: [`${projectRoot}/configs`, projectRoot],
	});
	const bound = legal.filter((name) => config.merged.bindings.some(({ selector }) => selector === name));
	const root = wanted ?? bound[0] ?? legal[0]!;
	if (wanted === undefined && bound.length > 1) {
		throw new UsageError(
			'jobs.two_schedulers',
			`${profile ?? '-b'} describes ${bound.join(' and ')}: say which one is meant with --scheduler.`,
		);
	}
	config.finalize([root]);
	return { root, settings: config.resolve(root) };
}

function fileOf(profile: string): string {
	if (profile.includes('/') || profile.endsWith('.gin')) {
		return profile;
	}
	const folder = `${projectRoot}/configs/device`;
	const path = `${folder}/${profile}.gin`;
	if (existsSync(path)) {
		return path;
	}
	const names = readdirSync(folder)
		.filter((name) => name.endsWith('.gin'))
		.map((name) => name.replace(/\.gin$/u, ''))
		.sort();
	throw new UsageError(
		'jobs.no_profile',
		`There is no profile "${profile}" in configs/device.${didYouMean(profile, names)} There are: ${names.join(', ')}; a file of your own is named by its path.`,
	);
}
