import { nearPath } from '../../core/near-path.ts';
import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { type Operative, operativeOf } from '../../registry/operative.ts';
import { acquireLease, leaseOwner } from '../../run/lease.ts';
import { hasCheckpoints, lastIsGone, requireCheckpoints } from '../../run/promised.ts';
import { readStatus } from '../../run/status.ts';
import type { LoopSettings } from '../../train/settings.ts';
import { type Built, build } from './build.ts';
import { Checkpoints } from './checkpoints.ts';
import { codeOfRun, commitOfGimlet } from './code-places.ts';
import { dataFacts } from './facts.ts';
import { lookFirst } from './first-look.ts';
import { checkIdentity, type Identity, identityChanges, identityNow } from './identity.ts';
import { type Plan, type PlanOptions, planRun } from './plan.ts';
import { codeOf, type PluginCode } from './plugin-sources.ts';

export interface DecisionOptions extends PlanOptions {
	/** Continue although the code has changed. */
	readonly allowCodeChange?: boolean;
	/** The command comes from the record of the run. */
	readonly fromRecord?: boolean;
	/** Take the folder from an owner that seems alive. */
	readonly steal?: boolean;
}

/** What a command does with its folder, and all that was built to find out. Nothing has been written. */
export interface Decision {
	readonly action: 'train';
	readonly plan: Exclude<Plan, { readonly action: 'complete' }>;
	readonly operative: Operative;
	readonly built: Built;
	readonly identity: Identity;
	readonly code: Awaited<ReturnType<typeof codeOfRun>>;
	readonly plugins: readonly PluginCode[];
	/** What differs from the run so far and was allowed on request, to be recorded. */
	readonly allowed: readonly string[];
	/** What differs and what stands out, for the user. */
	readonly notices: readonly string[];
}

/** Decides what to do with a folder and builds what trains; refuses whatever would lose or mix data, without a trace. */
export async function decide(
	folder: string,
	config: Configuration,
	checked: Checked,
	options: DecisionOptions,
): Promise<Decision | Extract<Plan, { readonly action: 'complete' }>> {
	const operative = operativeOf(checked.reached.nodes, checked.lookup);
	const plan = planRun(folder, operative, config.resolve<LoopSettings>('training_loop'), options);
	if (plan.action === 'complete') {
		return plan;
	}
	if ((plan.action === 'continue' || plan.action === 'replace') && !options.steal) {
		refuseBusy(folder);
	}
	if (plan.action === 'continue') {
		requireCheckpoints(folder);
	}
	// Reading the state of the code never fails, and takes its time.
	const reading = codeOfRun(config, options.fromRecord === true);
	const built = await build(config);
	const code = await reading;
	const plugins = await codeOf(config.plugins);
	const identity = identityNow(built.engine, plugins, commitOfGimlet(code));
	const common = { action: 'train', operative, built, identity, code, plugins } as const;
	if (plan.action !== 'continue') {
		return { ...common, plan, allowed: [], notices: lookFirst(built, true) };
	}
	new Checkpoints(folder).requireUsable(built.parts);
	const found = identityChanges(folder, identity, dataFacts(built.names.dataset, built.parts));
	if (plan.isUntrained && found.code.length + found.data.length > 0) {
		return { ...common, plan: { action: 'replace' }, allowed: [], notices: lookFirst(built, true) };
	}
	const last = lastIsGone(folder)
		? ['changed: checkpoints/last is gone; the newest checkpoint that is whole is used.']
		: [];
	const allowed = [...plan.allowed, ...checkIdentity(folder, found, options)];
	const notices = [...found.notices, ...found.code, ...found.data].map((change) => `changed: ${change}`);
	return { ...common, plan, allowed, notices: [...last, ...notices, ...lookFirst(built, false)] };
}

/** Throws where a living process writes into the folder. */
export function refuseBusy(folder: string): void {
	if (leaseOwner(folder)?.alive) {
		// Asking for it gives the refusal its words.
		acquireLease(folder).release();
	}
}

/** What is said of a run that has nothing left to do. */
export function completeText(folder: string, epochs: number): string {
	const advice = hasCheckpoints(folder)
		? 'A larger training_loop.n_epochs continues it.'
		: 'Its checkpoints are gone, so it can be neither continued nor evaluated.';
	// A callback or a limit has ended it.
	const reason = readStatus(folder)?.reason ?? '';
	return `${nearPath(folder)}: already complete (${epochs} epochs${reason === '' ? '' : `; ${reason}`}). ${advice}`;
}

/** What is said of a run that another one takes the place of. */
export function replacedText(folder: string): string {
	return `${nearPath(folder)}: the run that was here had done no step; a new one takes its place.`;
}
