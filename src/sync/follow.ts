import { relative } from 'node:path';
import { watch } from 'chokidar';
import { EnvironmentError } from '../core/errors.ts';
import { isExcluded } from './exclusions.ts';

/** How changes are followed. */
export interface FollowOptions {
	readonly exclude: readonly string[];
	/** Seconds without a change before they are mirrored. */
	readonly quiet: number;
	/** Seconds before the first retry; doubled after each failure, up to a minute. */
	readonly retry: number;
	readonly say: (text: string) => void;
	/** What trying again does not help: nothing is tried any more. */
	readonly fail: (error: unknown) => void;
}

/**
 * Calls `update` once and then after every burst of changes below `source`, never twice at a time; an EnvironmentError of
 * it is said and it is tried again until it succeeds. Returns the function that stops.
 */
export async function follow(
	source: string,
	update: () => Promise<void>,
	options: FollowOptions,
): Promise<() => Promise<void>> {
	const { exclude, quiet, retry, say, fail } = options;
	let timer: NodeJS.Timeout | undefined;
	let running: Promise<void> | undefined;
	let isDirty = false;
	let failures = 0;
	let isStopped = false;
	const schedule = (seconds: number) => {
		clearTimeout(timer);
		timer = setTimeout(start, seconds * 1000);
	};
	const start = () => {
		if (running !== undefined) {
			isDirty = true;
			return;
		}
		isDirty = false;
		running = attempt().finally(() => {
			running = undefined;
			if (isDirty && !isStopped && failures === 0) {
				schedule(quiet);
			}
		});
	};
	const attempt = async () => {
		try {
			await update();
			failures = 0;
		} catch (error) {
			if (!(error instanceof EnvironmentError)) {
				isStopped = true;
				fail(error);
				return;
			}
			const wait = Math.min(60, retry * 2 ** failures);
			failures++;
			say(`${error.message} Trying again in ${wait} s.`);
			if (!isStopped) {
				schedule(wait);
			}
		}
	};
	const watcher = watch(source, {
		ignoreInitial: true,
		ignored: (path) => path !== source && isExcluded(relative(source, path), exclude),
	});
	watcher.on('all', () => void (isStopped || schedule(quiet)));
	await new Promise<void>((ready) => watcher.once('ready', () => ready()));
	start();
	return async () => {
		isStopped = true;
		clearTimeout(timer);
		await watcher.close();
		await running;
	};
}
