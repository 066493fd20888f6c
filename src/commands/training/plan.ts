import { RefusedError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { nearPath } from '../../core/near-path.ts';
import { statInside } from '../../files/inside.ts';
import { type Difference, diffConfigs, showDifference } from '../../registry/difference.ts';
import type { Operative } from '../../registry/operative.ts';
import { inspectFolder, moveAside, refuseOccupied } from '../../run/folder.ts';
import { readRecord } from '../../run/layouts.ts';
import { runFiles } from '../../run/paths.ts';
import { readStatus } from '../../run/status.ts';
import { isUntrained } from '../../run/untrained.ts';
import { requireUsable } from '../../run/usable.ts';
import type { LoopSettings } from '../../train/settings.ts';

/** What a command line means for the folder it names. */
export type Plan =
	| { readonly action: 'start' }
	/** `changed`: what differs from the config of the run so far, all of it allowed. */
	| {
			readonly action: 'continue';
			readonly changed: readonly Difference[];
			/** Those of them that only --allow-config-change permits, to be recorded. */
			readonly allowed: readonly string[];
			/** No step was done yet: what would be refused makes it a new run instead. */
			readonly isUntrained: boolean;
	  }
	/** The run that is there has done no step, and is another one. */
	| { readonly action: 'replace' }
	| { readonly action: 'complete'; readonly epochs: number };

export interface PlanOptions {
	readonly forceNew?: boolean;
	readonly allowConfigChange?: boolean;
}

/** Decides between starting, continuing and "already complete"; refuses whatever would lose or mix data. */
export function planRun(folder: string, operative: Operative, settings: LoopSettings, options: PlanOptions): Plan {
	const found = inspectFolder(folder);
	if (found.kind !== 'run') {
		refuseOccupied(folder);
		return { action: 'start' };
	}
	if (options.forceNew) {
		return { action: 'start' };
	}
	requireUsable(folder);
	const untrained = isUntrained(folder);
	const changed = changes(folder, operative);
	const refused = changed.filter((difference) => !isFree(difference));
	if (untrained && (refused.length > 0 || !settings.resume)) {
		return { action: 'replace' };
	}
	if (!settings.resume) {
		throw new RefusedError(
			'run.exists',
			`${nearPath(folder)} holds a run already, and training_loop.resume is False. Name another folder, or use --force-new to move the run aside.`,
		);
	}
	if (refused.length > 0 && !options.allowConfigChange) {
		throw otherConfig(folder, refused);
	}
	const status = readStatus(folder);
	const epochs = status?.epoch ?? 0;
	// Without its last file the end was not reached: what is missing is done again.
	const isFinished =
		status?.state === 'partial' ||
		(status?.state === 'finished' && statInside(folder, runFiles.finished) !== undefined);
	return isFinished && !wantsMore(folder, epochs, settings)
		? { action: 'complete', epochs }
		: {
				action: 'continue',
				changed,
				allowed: refused.map((one) => showDifference(one, sides)),
				isUntrained: untrained,
			};
}

// More epochs or steps or time than were asked for when the run finished; a callback may have ended it before any limit.
function wantsMore(folder: string, epochs: number, settings: LoopSettings): boolean {
	const before = readOperative(folder)?.components['training_loop']?.parameters;
	const isRaised = (name: 'n_epochs' | 'max_steps' | 'train_for') => {
		const [old, now] = [before?.[name]?.value ?? null, settings[name]].map(amount);
		return now! > old!;
	};
	return settings.n_epochs > epochs && (isRaised('n_epochs') || isRaised('max_steps') || isRaised('train_for'));
}

function amount(limit: unknown): number {
	if (typeof limit === 'string') {
		return parseDuration(limit);
	}
	return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY;
}

/** Moves an old run aside where `--force-new` asks for it; returns where it went. */
export function clearFolder(folder: string, options: PlanOptions): string | undefined {
	return options.forceNew && inspectFolder(folder).kind === 'run' ? moveAside(folder) : undefined;
}

function changes(folder: string, operative: Operative): Difference[] {
	const before = readOperative(folder);
	return before === undefined ? [] : diffConfigs(before, operative);
}

/** What the two sides of a difference are called where a run is continued. */
export const sides = { before: 'the run', after: 'this config' } as const;

function otherConfig(folder: string, refused: readonly Difference[]): RefusedError {
	return new RefusedError('run.other_config', [
		`${nearPath(folder)} holds a run of another config:`,
		...refused.map((difference) => `  ${showDifference(difference, sides)}`),
		'Name another folder, use --force-new to move the run aside, or --allow-config-change to continue all the same.',
	]);
}

// Callbacks that only show or report, so that a run may be continued without them or with others.
const loggers = ['progress', 'tensorboard', 'heartbeat'];

function isFree({ component, parameter, before, after, free }: Difference): boolean {
	if (free || loggers.includes(component)) {
		return true;
	}
	const isList = component === 'train' && (parameter === 'callbacks' || parameter === 'default_callbacks');
	return isList && before !== undefined && after !== undefined && essentials(before.text) === essentials(after.text);
}

function essentials(list: string): string {
	return (list.match(/[@'"]?[\w./]+(?:\(\))?['"]?/gu) ?? [])
		.map((name) => name.replace(/[^\w./]/gu, ''))
		.filter((name) => !loggers.includes(name))
		.join();
}

/** The effective config that a run folder records; undefined where it has none yet. */
export function readOperative(folder: string): Operative | undefined {
	return readRecord(folder, 'operative') as Operative | undefined;
}
