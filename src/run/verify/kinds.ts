import { join } from 'node:path';
import { kindOf, namesInside, statInside } from '../../files/inside.ts';
import { runFiles } from '../paths.ts';
import { attempt, type Findings } from './findings.ts';

/** Files and folders with a check of their own: links belong into the one, runs into the other. */
const apart: ReadonlySet<string> = new Set([runFiles.checkpoints, runFiles.scopes]);

const folders: ReadonlySet<string> = new Set([
	...[...apart, runFiles.configs, runFiles.patches, runFiles.events, runFiles.evaluations],
	...[runFiles.predictions, runFiles.diagnostics, runFiles.media],
]);

/** Checks that a run folder consists of regular files and folders, each where it belongs, and of nothing that leads out. */
export function checkKinds(folder: string, findings: Findings): void {
	for (const name of Object.values(runFiles)) {
		const stats = statInside(folder, name);
		const isExpected = folders.has(name) ? stats?.isDirectory() : stats?.isFile();
		if (stats !== undefined && !isExpected) {
			const expected = folders.has(name) ? 'a folder' : 'a regular file';
			report(findings, join(folder, name), `is ${kindOf(stats)}; it must be ${expected}.`);
		} else if (stats?.isDirectory() && !apart.has(name)) {
			checkBelow(folder, name, findings);
		}
	}
}

function checkBelow(folder: string, name: string, findings: Findings): void {
	attempt(findings, () => {
		for (const below of namesInside(folder, name).map((entry) => `${name}/${entry}`)) {
			const stats = statInside(folder, below);
			if (stats?.isDirectory()) {
				checkBelow(folder, below, findings);
			} else if (stats !== undefined && !stats.isFile()) {
				report(findings, join(folder, below), `is ${kindOf(stats)}; it must be a regular file.`);
			}
		}
	});
}

// What could not be read has been named already.
function report({ problems }: Findings, path: string, text: string): void {
	if (!problems.some((problem) => problem.startsWith(path))) {
		problems.push(`${path} ${text}`);
	}
}
