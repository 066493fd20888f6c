import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointStore } from './checkpoint-store.ts';
import { runFiles, runPath } from './paths.ts';
import { reliedOn } from './relied.ts';
import { readStatus } from './status.ts';
import { checkEvents } from './verify/events.ts';
import type { Findings, Instant } from './verify/findings.ts';
import { checkJsonFiles } from './verify/json-files.ts';
import { checkSources } from './verify/sources.ts';
import { checkTables } from './verify/tables.ts';

/** What is wrong with a run folder, one sentence each, and how much was looked at. */
export interface Verified {
	readonly problems: readonly string[];
	/** Harmless: what a run that was killed leaves and the next session repairs. */
	readonly notes: readonly string[];
	/** Files checked. */
	readonly files: number;
}

/** Checks a run folder, and those of its scopes, against what docs/run-folder.md says; changes nothing. */
export function verifyRun(folder: string): Verified {
	const findings: Findings = { problems: [], notes: [], files: 0 };
	checkFolder(folder, findings);
	return findings;
}

function checkFolder(folder: string, findings: Findings): void {
	const status = readStatus(folder);
	if (status === undefined) {
		findings.problems.push(`${runPath(folder, 'status')} is missing or no status of a run.`);
		return;
	}
	checkJsonFiles(folder, findings);
	const hasMarker = existsSync(runPath(folder, 'finished'));
	if (hasMarker && status.state !== 'finished') {
		findings.problems.push(`${runPath(folder, 'finished')} is there, but the recorded state is ${status.state}.`);
	}
	if (!hasMarker && status.state === 'finished') {
		findings.notes.push(`${runPath(folder, 'finished')} is not written yet: the end of the run was cut short.`);
	}
	checkNames(folder, findings);
	checkSources(folder, findings);
	const last = checkCheckpoints(folder, findings);
	checkTables(folder, last, hasMarker, findings);
	checkEvents(folder, last, hasMarker, findings);
	for (const scope of subFolders(runPath(folder, 'scopes'))) {
		checkFolder(scope, findings);
	}
}

function checkNames(folder: string, { notes }: Findings): void {
	const known = new Set<string>([...Object.values(runFiles), 'KEEP']);
	for (const name of readdirSync(folder)) {
		if (/^\..+\.tmp$/u.test(name) || name.startsWith(`${runFiles.lock}.`)) {
			notes.push(`${join(folder, name)} is left from a write that was cut short; the next session removes it.`);
		} else if (!known.has(name)) {
			notes.push(`${join(folder, name)} is no part of a run folder.`);
		}
	}
}

/** Verifies every checkpoint; returns what the one a run would continue from says of the growing files. */
function checkCheckpoints(folder: string, findings: Findings): Instant | undefined {
	const store = new CheckpointStore(runPath(folder, 'checkpoints'));
	findings.problems.push(...store.verify());
	findings.files += store.names().length;
	let newest: ReturnType<CheckpointStore['newestGood']>;
	try {
		newest = store.newestGood();
	} catch (error) {
		findings.problems.push((error as Error).message);
		return undefined;
	}
	if (newest === undefined) {
		return undefined;
	}
	const { schema } = newest.content.state as { schema?: unknown };
	if (schema !== 'gimlet.checkpoint/1') {
		findings.problems.push(`${newest.name}/state.json has the schema ${schema}; gimlet.checkpoint/1 is known.`);
		return undefined;
	}
	return { checkpoint: newest.name, ...reliedOn(newest.content.state) };
}

// Scopes may nest: a folder without a status of its own holds further ones.
function subFolders(folder: string): string[] {
	if (!existsSync(folder)) {
		return [];
	}
	return readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
		.map(({ name }) => join(folder, name))
		.flatMap((path) => (existsSync(runPath(path, 'status')) ? [path] : subFolders(path)));
}
