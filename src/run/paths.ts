import { join } from 'node:path';

/** Every name inside a run folder. docs/run-folder.md explains each. */
export const runFiles = {
	config: 'config.gin',
	operative: 'operative.json',
	configs: 'configs',
	command: 'command.sh',
	meta: 'meta.json',
	status: 'status.json',
	heartbeat: 'HEARTBEAT',
	finished: 'FINISHED',
	lock: 'run.lock',
	stdout: 'stdout.txt',
	stderr: 'stderr.txt',
	git: 'git.json',
	patch: 'git.patch',
	patches: 'patches',
	modelText: 'model.txt',
	model: 'model.json',
	data: 'data.json',
	columns: 'columns.json',
	identity: 'identity.json',
	history: 'history.csv',
	steps: 'steps.csv',
	events: 'tb',
	checkpoints: 'checkpoints',
	evaluations: 'eval',
	predictions: 'predictions',
	diagnostics: 'diagnostics',
	media: 'media',
	summary: 'summary.json',
	report: 'report.html',
	scopes: 'scopes',
} as const;

export type RunFile = keyof typeof runFiles;

/** The absolute or relative path of one entry of the run folder `folder`. */
export function runPath(folder: string, file: RunFile): string {
	return join(folder, runFiles[file]);
}

/**
 * The name inside a run folder of the metrics of one checkpoint on one split; `other` names the code, engine and data where
 * they are not those of the run.
 */
export function evaluationName(split: string, checkpoint: string, other?: string): string {
	return `${runFiles.evaluations}/${split}@${checkpoint}${other === undefined ? '' : `~${other}`}.json`;
}

/** `checkpoints/<name>`: one checkpoint, a folder. */
export function checkpointPath(folder: string, name: string): string {
	return join(folder, runFiles.checkpoints, name);
}

/** `scopes/<scope>`: the run folder of one scope's sub-run; nested scopes nest. */
export function scopePath(folder: string, scope: string): string {
	return join(folder, runFiles.scopes, ...scope.split('/'));
}
