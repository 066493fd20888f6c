import { resolve } from 'node:path';
import { visible } from '../core/visible.ts';
import type { FollowOptions } from '../sync/follow.ts';
import type { Program } from './main.ts';
import { say } from './output.ts';
import { projectRoot } from './training-config.ts';

interface SyncOptions {
	readonly from: string;
	readonly once?: boolean;
	readonly dryRun?: boolean;
	readonly delete?: boolean;
	readonly exclude: readonly string[];
	readonly quiet: string;
}

/** `bin/sync.ts`: mirrors the code to another folder or host as files change. */
export const sync: Program = {
	name: 'sync',
	define(command, io) {
		command
			.description('Mirror the code to a folder or host, once and then whenever files change, until Ctrl-C.')
			.argument('<destination>', 'a folder, or [user@]host:folder')
			.option('--from <folder>', 'what is mirrored', projectRoot)
			.option('--once', 'mirror once and end; exit code 4 where the place cannot be reached')
			.option('--dry-run', 'print what would be done, once; change nothing')
			.option('--delete', 'remove from the mirror what the source does not have')
			.option(
				'--exclude <pattern>',
				'leave out NAME anywhere or /PATH from the top, * within a name; may repeat',
				(value, all: readonly string[]) => [...all, value],
				[],
			)
			.option('--quiet <seconds>', 'wait until nothing has changed for so long', '0.3')
			.action(async (to: string, options: SyncOptions) => {
				const [{ parseDestination }, { usualExclusions }, { mirror }] = await Promise.all([
					import('../sync/destination.ts'),
					import('../sync/exclusions.ts'),
					import('../sync/mirror.ts'),
				]);
				const tell = (text: string) => say(io, text);
				const source = resolve(options.from);
				const destination = parseDestination(to, source);
				const exclude = [...usualExclusions, ...options.exclude];
				const update = async () => {
					const changes = await mirror(source, destination, {
						exclude,
						isDeleting: options.delete ?? false,
						isDryRun: options.dryRun ?? false,
					});
					changes.forEach((change) => void io.stdout.write(`${visible(change)}\n`));
					tell(
						`${destination.shown}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}${options.dryRun ? ' to be made' : ''}`,
					);
				};
				if (options.once || options.dryRun) {
					await update();
					return;
				}
				await untilSignal(source, update, { exclude, quiet: await secondsOf(options.quiet), retry: 1, say: tell });
			});
	},
};

async function untilSignal(
	source: string,
	update: () => Promise<void>,
	options: Omit<FollowOptions, 'fail'>,
): Promise<void> {
	const { follow } = await import('../sync/follow.ts');
	const asked = new Promise<void>((done) => {
		// Kept: without a listener, an rsync at work would have this process ended by the signal.
		process.on('SIGINT', () => done());
		process.on('SIGTERM', () => done());
	});
	let fail: (error: unknown) => void = () => {};
	const failure = new Promise<never>((_, reject) => {
		fail = reject;
	});
	const stop = await follow(source, update, { ...options, fail });
	options.say(`watching ${source}; Ctrl-C ends it`);
	try {
		await Promise.race([asked, failure]);
	} finally {
		await stop();
	}
}

async function secondsOf(text: string): Promise<number> {
	const seconds = Number(text);
	if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
		const { UsageError } = await import('../core/errors.ts');
		throw new UsageError('sync.quiet', `--quiet ${text}: it must be a number of seconds, 0 or more.`);
	}
	return seconds;
}
