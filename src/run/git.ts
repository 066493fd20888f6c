import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

/** What git says of a repository. */
export interface GitStatus {
	/** Null before the first commit. */
	readonly commit: string | null;
	/** Null on a detached head. */
	readonly branch: string | null;
	readonly describe: string | null;
	/** Files that git neither tracks nor ignores. */
	readonly untracked: readonly string[];
	/** A tracked file differs from the commit. */
	readonly isChanged: boolean;
}

/** Asks git about the repository around a directory; why there is no answer, if there is none. Changes nothing. */
export async function gitStatus(cwd: string): Promise<GitStatus | string> {
	// Both questions in one shell: a process of much memory is slow to make others.
	const ask = 'git "$@" -z; printf "\\0%d\\0" $?; git describe --always --tags --long; printf "\\0%d" $?';
	const words = [...quietly, 'status', '--porcelain=v2', '--branch', '--untracked-files=all', '--no-renames'];
	const { stdout, stderr, code, isMaxBuffer } = await execa('sh', ['-c', ask, 'sh', ...words], execution(cwd));
	if (code === 'ENOENT' || isMaxBuffer) {
		return isMaxBuffer ? 'git status names too many files' : 'there is no sh to run git';
	}
	const parts = textOf(stdout).split('\0');
	const [statusCode = '', described = '', describeCode = ''] = parts.splice(-3);
	return statusCode === '0'
		? { ...parseStatus(parts), describe: describeCode === '0' ? described.trim() : null }
		: reasonOf(Number(statusCode), textOf(stderr));
}

/** What differs from the commit, as a patch that `git apply` takes; at most `maxBytes` of it. */
export async function gitDifference(cwd: string, maxBytes: number): Promise<Uint8Array> {
	return patchOf(cwd, maxBytes, {});
}

/** `gitDifference` with untracked files as new ones; undefined where git cannot do that. */
export async function gitDifferenceWith(
	cwd: string,
	untracked: readonly string[],
	maxBytes: number,
): Promise<Uint8Array | undefined> {
	// An index of our own has them as files to be added. The repository's is left alone, and so are its objects.
	let folder = '';
	try {
		folder = mkdtempSync(join(tmpdir(), 'gimlet-git-'));
		const env = await ownIndex(cwd, folder);
		if (env === undefined) {
			return undefined;
		}
		const words = ['add', '--intent-to-add', '--pathspec-from-file=-', '--pathspec-file-nul'];
		const input = untracked.map((name) => `:(literal,top)${name}`).join('\0');
		const { stdin: _, env: common, ...options } = execution(cwd);
		const added = await execa('git', [...quietly, ...words], { ...options, env: { ...common, ...env }, input });
		return added.exitCode === 0 ? await patchOf(cwd, maxBytes, env) : undefined;
	} catch {
		// Nowhere to keep the index: the patch is then of the tracked files alone, and its record says so.
		return undefined;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const empty = new Uint8Array();

// Nothing that the repository's own settings name is started but its filters.
const quietly = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

async function patchOf(cwd: string, maxBytes: number, env: Readonly<Record<string, string>>): Promise<Uint8Array> {
	const words = ['diff', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', 'HEAD'];
	const { env: common, ...options } = execution(cwd);
	const asked = { ...options, env: { ...common, ...env }, maxBuffer: maxBytes };
	return (await execa('git', [...quietly, ...words], asked)).stdout ?? empty;
}

async function ownIndex(cwd: string, folder: string): Promise<Record<string, string> | undefined> {
	const ask = ['rev-parse', '--git-path', 'index', '--git-path', 'objects'];
	const { stdout, exitCode } = await execa('git', [...quietly, ...ask], execution(cwd));
	const [index, objects] = textOf(stdout)
		.split('\n')
		.map((path) => resolve(cwd, path));
	if (exitCode !== 0 || index === undefined || objects === undefined) {
		return undefined;
	}
	const own = join(folder, 'index');
	try {
		copyFileSync(index, own);
	} catch {
		// Nothing has been added yet.
	}
	return { GIT_INDEX_FILE: own, GIT_OBJECT_DIRECTORY: folder, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
}

const notFound = 127;

function reasonOf(code: number, said: string): string {
	if (code === notFound) {
		return 'git is not installed';
	}
	if (/dubious ownership/u.test(said)) {
		return 'git does not read the repository: dubious ownership, it belongs to another user (git config --global --add safe.directory FOLDER allows it)';
	}
	const first = said.split('\n').find((line) => line.trim() !== '') ?? '';
	return first === '' || /not a git repository/u.test(first) ? 'not in a git repository' : `git: ${first.trim()}`;
}

// Headers (`# branch.oid …`), changed files (`1 …`, `2 …`, `u …`) and others (`? NAME`), each ended by a zero byte.
function parseStatus(entries: readonly string[]): Omit<GitStatus, 'describe'> {
	const header = (name: string): string | null =>
		entries.find((entry) => entry.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length) ?? null;
	const [commit, branch] = [header('oid'), header('head')];
	return {
		commit: commit === '(initial)' ? null : commit,
		branch: branch === '(detached)' ? null : branch,
		untracked: entries.filter((entry) => entry.startsWith('? ')).map((entry) => entry.slice(2)),
		isChanged: entries.some((entry) => /^[12u] /u.test(entry)),
	};
}

// GIT_OPTIONAL_LOCKS=0: even the cache of file times in the index stays as it is. Where this process was started by git,
// its variables name another repository.
function execution(cwd: string) {
	const others = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };
	return {
		cwd,
		encoding: 'buffer',
		reject: false,
		stdin: 'ignore',
		stripFinalNewline: false,
		maxBuffer: 2 ** 28,
		env: { ...others, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
	} as const;
}

function textOf(bytes: Uint8Array | undefined): string {
	return Buffer.from(bytes ?? empty).toString('utf8');
}
