import { dirname, resolve } from 'node:path';
import type { Configuration } from '../../registry/configuration.ts';
import { type CodePlace, codeStates, type Repository } from '../../run/provenance.ts';
import { runFolderOf } from '../../run/run-folder-of.ts';
import { projectRoot } from '../training-config.ts';

/**
 * The state of the repositories that hold the code of a run: its configs, its plug-ins, gimlet. A config that a run folder
 * holds, or that only a record names, leads to no repository: asking git may start what its settings name.
 */
export function codeOfRun(config: Configuration, isFromRecord: boolean): Promise<Repository[]> {
	const configs = config.merged.files
		.filter(({ via }) => via === 'root' && !isFromRecord)
		.map(({ path }) => resolve(path))
		.filter((path) => runFolderOf(path) === undefined);
	const places: CodePlace[] = [
		...configs.map((path) => ({ folder: dirname(path), holds: 'configs' })),
		...config.plugins
			.filter(({ path }) => runFolderOf(path) === undefined)
			.map(({ path }) => ({ folder: dirname(path), holds: 'plug-ins' })),
		{ folder: projectRoot, holds: 'gimlet' },
	];
	return codeStates(places);
}

/** The commit of gimlet's own repository. */
export function commitOfGimlet(repositories: readonly Repository[]): string | null {
	return repositories.find(({ state }) => state.holds.includes('gimlet'))?.state.commit ?? null;
}
