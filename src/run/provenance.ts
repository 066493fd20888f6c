import { execa } from 'execa';
import { writeFileAtomic, writeJsonAtomic } from '../core/atomic.ts';
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
	const [found, describe] = await Promise.all([
		git(directory, ['status', '--porcelain=v2', '--branch', '--untracked-files=all', '--no-renames', '-z']),
		git(directory, ['describe', '--always', '--tags', '--long']),
	]);
	if (!found.ok) {
		return { state: unknown(found.missing ? 'git is not installed' : 'not in a git repository'), patch: empty };
	}
	const { commit, branch, others, isChanged } = parseStatus(found.text);
	const args = ['diff', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', 'HEAD'];
	const diff = commit !== null && isChanged ? await git(directory, args, maxPatchBytes + 1) : undefined;
	const size = diff?.bytes.length ?? 0;
	const fits = size <= maxPatchBytes;
	const state: CodeState = {
		schema: 'gimlet.git/1',
		note: commit === null ? 'the repository has no commit' : null,
		commit,
		branch,
		describe: describe.ok ? describe.text.trim() : null,
		dirty: commit === null ? null : size > 0,
		untracked: others.slice(0, 200),
		untracked_count: others.length,
		patch: size === 0 ? 'none' : fits ? 'complete' : 'too large',
		patch_bytes: fits ? size : 0,
	};
	return { state, patch: fits && diff !== undefined ? diff.bytes : empty };
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

interface GitAnswer {
	readonly ok: boolean;
	readonly missing: boolean;
	readonly text: string;
	readonly bytes: Uint8Array;
}

// GIT_OPTIONAL_LOCKS=0: even the cache of file times in the index stays as it is.
async function git(cwd: string, args: string[], maxBytes = 20 * 1024 * 1024): Promise<GitAnswer> {
	const result = await execa('git', args, {
		cwd,
		encoding: 'buffer',
		reject: false,
		stdin: 'ignore',
		stripFinalNewline: false,
		maxBuffer: maxBytes,
		env: { GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
	});
	const bytes = result.stdout ?? empty;
	return {
		ok: result.exitCode === 0 || result.isMaxBuffer === true,
		missing: result.code === 'ENOENT',
		text: Buffer.from(bytes).toString('utf8'),
		bytes,
	};
}
