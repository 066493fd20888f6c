import { basename, join } from 'node:path';
import { z } from 'zod';
import { RefusedError, UsageError } from '../../core/errors.ts';
import { removeDurable, renameDurable, syncFolder, temporaryName, writeFileDurable } from '../../files/atomic.ts';
import { makeFolderInside, namesInside } from '../../files/inside.ts';
import { checkRecord, parseJson } from '../../files/json.ts';
import { limits } from '../../files/limits.ts';
import { readInside, readTextInside } from '../../files/reading.ts';
import { countField, numberField, streamsField } from '../../run/checkpoint-state.ts';
import { decodeNumbers, encodeNumbers } from '../../run/exact-json.ts';
import { runFiles } from '../../run/paths.ts';
import { decodeSafetensors, encodeSafetensors } from '../../run/safetensors.ts';
import type { Model } from '../../train/contracts/model.ts';
import type { Incident } from '../../train/nan-policy.ts';
import type { HostTensors } from '../../train/snapshot.ts';

const schema = 'gimlet.incident/1';
const incidentSchema = z.object({
	schema: z.literal(schema),
	step: countField,
	epoch: countField,
	batch: countField,
	ids: z.array(z.int()),
	losses: z.record(z.string(), numberField),
	streams: streamsField,
});
const facts = 'incident.json';
const tensors = 'weights.safetensors';

/** What `bin/replay.ts` repeats: the step, and the weights it began with. */
export interface StoredIncident extends Omit<Incident, 'ids'> {
	readonly ids: readonly number[];
	readonly weights: HostTensors;
}

/** Keeps an incident under `diagnostics/`, whole or not at all; returns its folder. */
export async function writeIncident(folder: string, incident: Incident, model: Model): Promise<string> {
	const target = join(makeFolderInside(folder, runFiles.diagnostics), nameOf(incident.step));
	const aside = makeFolderInside(folder, `${runFiles.diagnostics}/${basename(temporaryName(target))}`);
	const weights: Record<string, HostTensors[string]> = {};
	for (const { name, variable } of model.variables()) {
		const { dtype, shape } = variable;
		weights[name] = { dtype: dtype as 'float32', shape, data: (await variable.data()).slice() as Float32Array };
	}
	writeFileDurable(join(aside, tensors), encodeSafetensors(weights, { format: 'gimlet' }));
	const stored = encodeNumbers({ schema, ...incident, ids: [...incident.ids] });
	writeFileDurable(join(aside, facts), `${JSON.stringify(stored, undefined, '\t')}\n`);
	syncFolder(aside);
	removeDurable(target);
	renameDurable(aside, target);
	return target;
}

/** The incident at `step`, or the latest; a run without one is a UsageError. */
export function readIncident(folder: string, step: number | undefined): StoredIncident {
	const steps = stepsOf(folder);
	const wanted = step ?? steps.at(-1);
	if (wanted === undefined || !steps.includes(wanted)) {
		throw new UsageError(
			'replay.no_incident',
			steps.length === 0
				? `${folder} has no step to replay: none had a loss or gradients that are not finite.`
				: `${folder} has no step ${wanted} to replay. It has: ${steps.join(', ')}.`,
		);
	}
	const place = `${runFiles.diagnostics}/${nameOf(wanted)}`;
	const [record, weights] = [`${place}/${facts}`, `${place}/${tensors}`];
	const text = present(readTextInside(folder, record, limits.state), join(folder, record));
	const bytes = present(readInside(folder, weights, limits.tensors), join(folder, weights));
	return {
		...checkRecord(decodeNumbers(parseJson(text, join(folder, record))), incidentSchema, join(folder, record)),
		weights: decodeSafetensors(bytes, join(folder, weights)).tensors,
	};
}

function stepsOf(folder: string): number[] {
	const steps = namesInside(folder, runFiles.diagnostics).map((name) =>
		Number(/^not-finite-step-(\d{8,15})$/u.exec(name)?.[1]),
	);
	return steps.filter((step) => !Number.isNaN(step)).sort((a, b) => a - b);
}

function nameOf(step: number): string {
	return `not-finite-step-${`${step}`.padStart(8, '0')}`;
}

function present<T>(found: T | undefined, path: string): T {
	if (found === undefined) {
		throw new RefusedError('replay.incomplete', `${path} is missing: the step cannot be repeated.`);
	}
	return found;
}
