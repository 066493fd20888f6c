import { join } from 'node:path';
import { namesInside, statInside } from '../files/inside.ts';
import { checkState } from './checkpoint-state.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { readRecord } from './layouts.ts';
import { runFiles, runPath } from './paths.ts';
import { reliedOn } from './relied.ts';
import type { Status } from './status.ts';
import { checkEvents } from './verify/events.ts';
import { attempt, type Findings, type Instant } from './verify/findings.ts';
import { checkJsonFiles } from './verify/json-files.ts';
import { checkKinds } from './verify/kinds.ts';
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
	const status = statusOf(folder, findings);
	if (status === undefined) {
		return;
	}
	checkJsonFiles(folder, findings);
	const hasMarker = statInside(folder, runFiles.finished) !== undefined;
	if (hasMarker && status.state !== 'finished') {
		findings.problems.push(`${runPath(folder, 'finished')} is there, but the recorded state is ${status.state}.`);
	}
	if (!hasMarker && status.state === 'finished') {
		findings.notes.push(`${runPath(folder, 'finished')} is not written yet: the end of the run was cut short.`);
	}
	checkNames(folder, findings);
	attempt(findings, () => checkSources(folder, findings));
	const last = checkCheckpoints(folder, findings);
	const isWhole = hasMarker || status.state === 'partial';
	attempt(findings, () => checkTables(folder, last, isWhole, findings));
	attempt(findings, () => checkEvents(folder, last, isWhole, findings));
	checkKinds(folder, findings);
	attempt(findings, () => {
		for (const scope of subFolders(folder, runFiles.scopes)) {
			checkFolder(join(folder, scope), findings);
		}
	});
}

function statusOf(folder: string, { problems }: Findings): Status | undefined {
	try {
		const status = readRecord(folder, 'status');
		if (status === undefined) {
			problems.push(`${runPath(folder, 'status')} is missing.`);
		}
		return status;
	} catch (error) {
		problems.push((error as Error).message);
		return undefined;
	}
}

function checkNames(folder: string, { notes }: Findings): void {
	const known = new Set<string>([...Object.values(runFiles), 'KEEP']);
	for (const name of namesInside(folder)) {
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
	try {
		const { problems, newest } = store.verify();
		for (const problem of problems) {
			findings.problems.push(problem);
		}
		findings.files += store.names().length;
		return newest === undefined
			? undefined
			: { checkpoint: newest.name, ...reliedOn(checkState(newest.state, store.statePath(newest.name))) };
	} catch (error) {
		findings.problems.push((error as Error).message);
		return undefined;
	}
}

// Scopes may nest: a folder without a status of its own holds further ones.
function subFolders(folder: string, name: string): string[] {
	return namesInside(folder, name)
		.filter((entry) => !entry.startsWith('.'))
		.map((entry) => `${name}/${entry}`)
		.filter((path) => statInside(folder, path)?.isDirectory())
		.flatMap((path) =>
			statInside(folder, `${path}/${runFiles.status}`) === undefined ? subFolders(folder, path) : [path],
		);
}
