import { basename } from 'node:path';
import type { z } from 'zod';
import { namesInside } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { readRecordInside } from '../../files/reading.ts';
import { evaluationLayout, layouts, limitOf, type RecordName } from '../layouts.ts';
import { evaluationName, runFiles } from '../paths.ts';
import { manifestName, manifestSchema } from '../source-manifest.ts';
import type { Findings } from './findings.ts';

/** Checks that every JSON of a run folder can be read, follows a known schema and holds what that schema says. */
export function checkJsonFiles(folder: string, findings: Findings): void {
	for (const name of Object.keys(layouts) as RecordName[]) {
		checkFile(folder, runFiles[name], layouts[name], limitOf(name), findings);
	}
	checkFile(folder, `${runFiles.configs}/${manifestName}`, manifestSchema, limits.record, findings);
	for (const name of evaluationsOf(folder, findings)) {
		checkEvaluation(folder, `${runFiles.evaluations}/${name}`, findings);
	}
}

function evaluationsOf(folder: string, { problems }: Findings): string[] {
	try {
		return namesInside(folder, runFiles.evaluations).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
	} catch (error) {
		problems.push((error as Error).message);
		return [];
	}
}

function checkFile<T extends z.ZodType>(
	folder: string,
	name: string,
	layout: T,
	limit: number,
	findings: Findings,
): z.output<T> | undefined {
	try {
		const content = readRecordInside(folder, name, layout, limit);
		findings.files += content === undefined ? 0 : 1;
		return content;
	} catch (error) {
		findings.files += 1;
		findings.problems.push((error as Error).message);
		return undefined;
	}
}

function checkEvaluation(folder: string, name: string, findings: Findings): void {
	const content = checkFile(folder, name, evaluationLayout, limits.record, findings);
	if (content === undefined) {
		return;
	}
	const expected = basename(evaluationName(content.split, content.checkpoint, content.other));
	if (expected !== basename(name)) {
		findings.problems.push(`${folder}/${name} holds the evaluation that belongs into ${JSON.stringify(expected)}.`);
	}
}
