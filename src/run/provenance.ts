import { execa } from 'execa';
import { writeFileAtomic, writeJsonAtomic } from '../files/atomic.ts';
import { runPath } from './paths.ts';

/** The contents of `git.json`: which code ran. It names no remote, which may hold a password. */
export interface CodeState {
	readonly schema: 'gimlet.git/1';
	/** Why the rest is missing (no git, no repository, no commit yet); null where it is not. */
	readonly note: string | null;
	readonly commit: string | null;
	/** Null on a detached head. */
	readonly branch: string | null;
	readonly describe: string | null;
	/** Tracked files differ from the commit. */
	readonly dirty: boolean | null;
	/** Files git neither tracks nor ignores, at most 200. */
	readonly untracked: readonly string[];
	readonly untracked_count: number;
	/** What `git.patch` holds: all differences, none because too large, or nothing to hold. */
	readonly patch: 'complete' | 'too large' | 'none';
	readonly patch_bytes: number;
}

/** Reads the state of the repository around `directory` without changing anything in it; never fails. */
export async function codeState(
	directory: string,
	maxPatchBytes = 20 * 1024 * 1024,
): Promise<{ state: CodeState; patch: Uint8Array }> {
	const answer = await askGit(directory);
	if (typeof answer === 'string') {
		return { state: unknown(answer), patch: empty };
	}
	const { commit, branch, others, isChanged } = parseStatus(answer.status);
	const diff = commit !== null && isChanged ? await difference(directory, maxPatchBytes + 1) : empty;
	const size = diff.length;
	const fits = size <= maxPatchBytes;
	const state: CodeState = {
		schema: 'gimlet.git/1',
		note: commit === null ? 'the repository has no commit' : null,
		commit,
		branch,
		describe: answer.describe,
		dirty: commit === null ? null : size > 0,
		untracked: others.slice(0, 200),
		untracked_count: others.length,
		patch: size === 0 ? 'none' : fits ? 'complete' : 'too large',
		patch_bytes: fits ? size : 0,
	};
	return { state, patch: fits ? diff : empty };
}

/** Writes `git.json` and `git.patch` (empty where there is nothing to hold; `git apply` takes it). */
export function writeCodeState(folder: string, code: { state: CodeState; patch: Uint8Array }): void {
	writeFileAtomic(runPath(folder, 'patch'), code.patch);
	writeJsonAtomic(runPath(folder, 'git'), code.state);
}

const empty = new Uint8Array();

function unknown(note: string): CodeState {
	const nothing = { commit: null, branch: null, describe: null, dirty: null, untracked: [], untracked_count: 0 };
	return { schema: 'gimlet.git/1', note, ...nothing, patch: 'none', patch_bytes: 0 };
}

// Headers (`# branch.oid …`), changed files (`1 …`, `2 …`, `u …`) and others (`? NAME`), each ended by a zero byte.
function parseStatus(text: string) {
	const entries = text.split('\0');
	const header = (name: string): string | null =>
		entries.find((entry) => entry.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length) ?? null;
	const [commit, branch] = [header('oid'), header('head')];
	return {
		commit: commit === '(initial)' ? null : commit,
		branch: branch === '(detached)' ? null : branch,
		others: entries.filter((entry) => entry.startsWith('? ')).map((entry) => entry.slice(2)),
		isChanged: entries.some((entry) => /^[12u] /u.test(entry)),
	};
}

const notFound = 127;

// Both questions in one shell: a process of much memory is slow to make others. Why there is no answer, if there is none.
async function askGit(cwd: string): Promise<{ readonly status: string; readonly describe: string | null } | string> {
	const ask = 'git status "$@" -z; printf "\\0%d\\0" $?; git describe --always --tags --long; printf "\\0%d" $?';
	const options = ['--porcelain=v2', '--branch', '--untracked-files=all', '--no-renames'];
	const { stdout, code, isMaxBuffer } = await execa('sh', ['-c', ask, 'sh', ...options], execution(cwd));
	if (code === 'ENOENT' || isMaxBuffer) {
		return isMaxBuffer ? 'git status names too many files' : 'there is no sh to run git';
	}
	const parts = textOf(stdout).split('\0');
	const [statusCode = '', described = '', describeCode = ''] = parts.splice(-3);
	if (statusCode !== '0') {
		return Number(statusCode) === notFound ? 'git is not installed' : 'not in a git repository';
	}
	return { status: parts.join('\0'), describe: describeCode === '0' ? described.trim() : null };
}

/** At most so many bytes of it. */
async function difference(cwd: string, maxBytes: number): Promise<Uint8Array> {
	const args = ['diff', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', 'HEAD'];
	const { stdout } = await execa('git', args, { ...execution(cwd), maxBuffer: maxBytes });
	return stdout ?? empty;
}

// GIT_OPTIONAL_LOCKS=0: even the cache of file times in the index stays as it is.
function execution(cwd: string) {
	return {
		cwd,
		encoding: 'buffer',
		reject: false,
		stdin: 'ignore',
		stripFinalNewline: false,
		maxBuffer: 2 ** 28,
		env: { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
	} as const;
}

function textOf(bytes: Uint8Array | undefined): string {
	return Buffer.from(bytes ?? empty).toString('utf8');
}
