import { execa } from 'execa';
import { EnvironmentError } from '../core/errors.ts';
import { copyTree, filesBelow, type MirrorOptions } from './copy.ts';
import type { Destination } from './destination.ts';
import { shellQuote } from './quote.ts';

/**
 * Brings a mirror up to date once; returns a line per change. With rsync where there is one; else by copying, or through
 * ssh and tar, which sends everything and cannot remove. Throws an EnvironmentError where the place cannot be reached.
 */
export async function mirror(source: string, destination: Destination, options: MirrorOptions): Promise<string[]> {
	if (await hasRsync()) {
		return withRsync(source, destination, options);
	}
	return destination.host === undefined
		? copyTree(source, destination.path, options)
		: withTar(source, destination, destination.host, options);
}

async function withRsync(
	source: string,
	{ shown }: Destination,
	{ exclude, isDeleting, isDryRun }: MirrorOptions,
): Promise<string[]> {
	const words = [
		'--archive',
		'--out-format=%o %n',
		'--mkpath',
		'--rsh=ssh -o BatchMode=yes -o ConnectTimeout=10',
		...exclude.map((pattern) => `--exclude=${pattern}`),
		...(isDeleting ? ['--delete'] : []),
		...(isDryRun ? ['--dry-run'] : []),
		'--',
		`${source.replace(/\/+$/u, '')}/`,
		`${shown.replace(/\/+$/u, '')}/`,
	];
	const result = await execa('rsync', words, { reject: false, stdin: 'ignore' });
	if (result.exitCode !== 0) {
		throw unreachable(shown, result.stderr);
	}
	return result.stdout.split('\n').flatMap((line) => {
		const [, operation, name] = /^(\S+) (.+)$/u.exec(line) ?? [];
		return name === undefined || name.endsWith('/') ? [] : [`${operation === 'del.' ? '-' : '+'} ${name}`];
	});
}

async function withTar(
	source: string,
	{ shown, path }: Destination,
	host: string,
	{ exclude, isDeleting, isDryRun }: MirrorOptions,
): Promise<string[]> {
	if (isDeleting) {
		throw new EnvironmentError(
			'sync.no_rsync',
			'Removing files on another host needs rsync, which is not installed here.',
		);
	}
	const names = filesBelow(source, exclude);
	if (!isDryRun) {
		const unpack = `mkdir -p -- ${shellQuote(path)} && tar -C ${shellQuote(path)} -xf -`;
		const list = { input: names.join('\0'), reject: false, encoding: 'buffer' } as const;
		const packed = await execa('tar', ['-C', source, '--null', '-T', '-', '-cf', '-'], list);
		const sent = await execa('ssh', ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '--', host, unpack], {
			input: packed.stdout,
			reject: false,
		});
		if (packed.exitCode !== 0 || sent.exitCode !== 0) {
			throw unreachable(shown, sent.stderr);
		}
	}
	return names.map((name) => `+ ${name}`);
}

let found: Promise<boolean> | undefined;

function hasRsync(): Promise<boolean> {
	found ??= execa('rsync', ['--version'], { reject: false }).then(({ exitCode }) => exitCode === 0);
	return found;
}

function unreachable(shown: string, said: string): EnvironmentError {
	const reason = said.trim().split('\n')[0] || 'no reason was given';
	return new EnvironmentError('sync.unreachable', `${shown} cannot be brought up to date: ${reason}`);
}
