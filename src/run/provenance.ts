import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeInside, writeJsonInside } from '../files/writing.ts';
import { type GitStatus, gitDifference, gitDifferenceWith, gitStatus } from './git.ts';
import { runFiles, runPath } from './paths.ts';
import { repositoryOf, untrackedTexts } from './untracked.ts';

/** The state of one repository. It names no remote, which may hold a password. */
export interface RepositoryState {
	/** Its root; null where there is none. */
	readonly root: string | null;
	/** What of the run lies in it: `configs`, `plug-ins`, `gimlet`. */
	readonly holds: readonly string[];
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
	/** Untracked files that the patch holds. */
	readonly untracked_in_patch: number;
	/** What the patch holds: all differences, none because too large, or nothing to hold. */
	readonly patch: 'complete' | 'too large' | 'none';
	readonly patch_bytes: number;
}

/** The contents of `git.json`: which code ran. First of the repository of the configs, then of the others. */
export interface CodeState extends RepositoryState {
	readonly schema: 'gimlet.git/1';
	/** Of `git.patch`'s kind, but in `patches/`: 1.patch belongs to the first of them. */
	readonly others: readonly RepositoryState[];
}

/** A repository with what differs in it from its commit. */
export interface Repository {
	readonly state: RepositoryState;
	readonly patch: Uint8Array;
}

/** A place that code comes from, and what lies there. */
export interface CodePlace {
	readonly folder: string;
	readonly holds: string;
}

/** Reads the state of the repositories that hold these places, in their order, each once; never fails and changes nothing. */
export async function codeStates(places: readonly CodePlace[], maxPatchBytes?: number): Promise<Repository[]> {
	const byRoot = new Map<string, { folder: string; holds: string[] }>();
	for (const { folder, holds } of places) {
		const root = repositoryOf(folder);
		const known = byRoot.get(root ?? '') ?? { folder: root ?? folder, holds: [] };
		if (!known.holds.includes(holds)) {
			known.holds.push(holds);
		}
		byRoot.set(root ?? '', known);
	}
	return Promise.all([...byRoot.values()].map(({ folder, holds }) => repositoryState(folder, holds, maxPatchBytes)));
}

/** Reads the state of the repository around `folder` without changing anything in it; never fails. */
export async function repositoryState(
	folder: string,
	holds: readonly string[],
	maxPatchBytes = 20 * 1024 * 1024,
): Promise<Repository> {
	const root = repositoryOf(folder) ?? null;
	const answer = root === null ? 'not in a git repository' : await gitStatus(root);
	if (typeof answer === 'string') {
		return { state: { root, holds, note: answer, ...nothing }, patch: empty };
	}
	const { commit, branch, describe, untracked, isChanged } = answer;
	const { difference, texts } =
		commit === null ? { difference: empty, texts: 0 } : await changesIn(root!, answer, maxPatchBytes);
	const fits = difference.length <= maxPatchBytes;
	const patch = fits ? difference : empty;
	return {
		state: {
			...{ root, holds, note: commit === null ? 'the repository has no commit' : null },
			...{ commit, branch, describe, dirty: commit === null ? null : isChanged },
			...{ untracked: untracked.slice(0, 200), untracked_count: untracked.length, untracked_in_patch: texts },
			patch: difference.length === 0 ? 'none' : fits ? 'complete' : 'too large',
			patch_bytes: patch.length,
		},
		patch,
	};
}

/** Writes `git.json` and the patches (an empty `git.patch` where there is nothing to hold; `git apply` takes it). */
export function writeCodeState(folder: string, [first, ...others]: readonly Repository[]): void {
	writeInside(folder, runFiles.patch, first!.patch);
	rmSync(runPath(folder, 'patches'), { recursive: true, force: true });
	for (const [at, { patch }] of others.entries()) {
		if (patch.length > 0) {
			writeInside(folder, join(runFiles.patches, `${at + 1}.patch`), patch);
		}
	}
	const state: CodeState = { schema: 'gimlet.git/1', ...first!.state, others: others.map(({ state: other }) => other) };
	writeJsonInside(folder, runFiles.git, state);
}

const empty = new Uint8Array();

// With the untracked texts, unless they make it too large; how many of them it holds.
async function changesIn(root: string, { untracked, isChanged }: GitStatus, maxBytes: number) {
	const texts = untrackedTexts(root, untracked);
	const whole = texts.length === 0 ? undefined : await gitDifferenceWith(root, texts, maxBytes + 1);
	if (whole !== undefined && whole.length <= maxBytes) {
		return { difference: whole, texts: texts.length };
	}
	return { difference: isChanged ? await gitDifference(root, maxBytes + 1) : empty, texts: 0 };
}

const nothing: Omit<RepositoryState, 'root' | 'holds' | 'note'> = {
	...{ commit: null, branch: null, describe: null, dirty: null },
	...{ untracked: [], untracked_count: 0, untracked_in_patch: 0, patch: 'none', patch_bytes: 0 },
};
