import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { metaSchema } from '../meta.ts';
import { runPath } from '../paths.ts';
import type { Findings } from './findings.ts';

const value = z.union([z.number(), z.enum(['nan', 'inf', '-inf'])]);
const figures = z.record(z.string(), value);
const count = z.int().nonnegative();

/** The versions this program knows, each with what it must hold; the status is checked by its own reader. */
const schemas: Readonly<Record<string, z.ZodType>> = {
	'gimlet.status/1': z.looseObject({}),
	'gimlet.meta/1': metaSchema,
	'gimlet.lease/1': z.looseObject({ token: z.string(), host: z.string(), pid: z.int() }),
	'gimlet.heartbeat/1': z.looseObject({ pid: z.int(), epoch: count, step: count, time: z.iso.datetime() }),
	'gimlet.operative/1': z.looseObject({ components: z.record(z.string(), z.looseObject({})) }),
	'gimlet.sources/1': z.looseObject({
		sources: z.array(z.looseObject({ file: z.string(), sha256: z.string().length(64), bytes: count })),
	}),
	'gimlet.git/1': z.looseObject({ commit: z.string().nullable(), patch_bytes: count }),
	'gimlet.model/1': z.looseObject({ parameters: count, layers: z.array(z.looseObject({ name: z.string() })) }),
	'gimlet.data/1': z.looseObject({
		splits: z.record(z.string(), z.looseObject({ size: count, index_sha256: z.string().length(64) })),
	}),
	'gimlet.identity/1': z.looseObject({ code: z.looseObject({}), versions: z.looseObject({}) }),
	'gimlet.evaluation/1': z.looseObject({
		split: z.string(),
		checkpoint: z.string(),
		n_examples: count,
		metrics: figures,
	}),
	'gimlet.summary/1': z.looseObject({ epochs: count, steps: count, last: figures, test: figures }),
};

/** Checks that every JSON of a run folder can be read, follows a known schema and holds what that schema says. */
export function checkJsonFiles(folder: string, findings: Findings): void {
	for (const file of [
		'status',
		'meta',
		'lock',
		'heartbeat',
		'operative',
		'git',
		'model',
		'data',
		'identity',
		'summary',
	] as const) {
		checkFile(runPath(folder, file), findings);
	}
	checkFile(join(runPath(folder, 'configs'), 'manifest.json'), findings);
	const evaluations = runPath(folder, 'evaluations');
	for (const name of existsSync(evaluations) ? readdirSync(evaluations) : []) {
		if (name.endsWith('.json') && !name.startsWith('.')) {
			checkEvaluation(join(evaluations, name), findings);
		}
	}
}

function checkFile(path: string, findings: Findings): unknown {
	if (!existsSync(path)) {
		return undefined;
	}
	findings.files += 1;
	let content: { schema?: unknown } | null;
	try {
		content = JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		findings.problems.push(`${path} is not JSON: ${(error as Error).message}`);
		return undefined;
	}
	const schema = schemas[String(content?.schema)];
	if (schema === undefined) {
		findings.problems.push(`${path} has the schema ${JSON.stringify(content?.schema)}, which is not known here.`);
		return undefined;
	}
	const { error } = schema.safeParse(content);
	for (const issue of error?.issues ?? []) {
		findings.problems.push(`${path}: ${issue.path.join('.') || 'the whole'}: ${issue.message}`);
	}
	return content;
}

function checkEvaluation(path: string, findings: Findings): void {
	const content = checkFile(path, findings) as { split?: string; checkpoint?: string } | undefined;
	const name = `${content?.split}@${content?.checkpoint}.json`;
	if (content !== undefined && name !== basename(path)) {
		findings.problems.push(`${path} holds the evaluation that belongs into ${name}.`);
	}
}
