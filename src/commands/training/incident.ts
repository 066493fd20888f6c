import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import {
	makeFolder,
	removeDurable,
	renameDurable,
	syncFolder,
	temporaryName,
	writeFileDurable,
} from '../../files/atomic.ts';
import { decodeNumbers, encodeNumbers } from '../../run/exact-json.ts';
import { runPath } from '../../run/paths.ts';
import { decodeSafetensors, encodeSafetensors } from '../../run/safetensors.ts';
import type { Model } from '../../train/contracts/model.ts';
import type { Incident } from '../../train/nan-policy.ts';
import type { HostTensors } from '../../train/snapshot.ts';

const schema = 'gimlet.incident/1';
const prefix = 'not-finite-step-';

/** What `bin/replay.ts` repeats: the step, and the weights it began with. */
export interface StoredIncident extends Omit<Incident, 'ids'> {
	readonly ids: readonly number[];
	readonly weights: HostTensors;
}

/** Keeps an incident under `diagnostics/`, whole or not at all; returns its folder. */
export async function writeIncident(folder: string, incident: Incident, model: Model): Promise<string> {
	const parent = runPath(folder, 'diagnostics');
	makeFolder(parent);
	const target = join(parent, `${prefix}${`${incident.step}`.padStart(8, '0')}`);
	const aside = temporaryName(target);
	makeFolder(aside);
	const weights: Record<string, HostTensors[string]> = {};
	for (const { name, variable } of model.variables()) {
		const { dtype, shape } = variable;
		weights[name] = { dtype: dtype as 'float32', shape, data: (await variable.data()).slice() as Float32Array };
	}
	writeFileDurable(join(aside, 'weights.safetensors'), encodeSafetensors(weights, { format: 'gimlet' }));
	const facts = encodeNumbers({ schema, ...incident, ids: [...incident.ids] });
	writeFileDurable(join(aside, 'incident.json'), `${JSON.stringify(facts, undefined, '\t')}\n`);
	syncFolder(aside);
	removeDurable(target);
	renameDurable(aside, target);
	return target;
}

/** The incident at `step`, or the latest; a run without one is a UsageError. */
export function readIncident(folder: string, step: number | undefined): StoredIncident {
	const parent = runPath(folder, 'diagnostics');
	const names = existsSync(parent) ? readdirSync(parent).filter((name) => name.startsWith(prefix)) : [];
	const steps = names.map((name) => Number(name.slice(prefix.length))).sort((a, b) => a - b);
	const wanted = step ?? steps.at(-1);
	const name = names.find((one) => Number(one.slice(prefix.length)) === wanted);
	if (name === undefined) {
		throw new UsageError(
			'replay.no_incident',
			steps.length === 0
				? `${folder} has no step to replay: none had a loss or gradients that are not finite.`
				: `${folder} has no step ${wanted} to replay. It has: ${steps.join(', ')}.`,
		);
	}
	const facts = decodeNumbers(JSON.parse(readFileSync(join(parent, name, 'incident.json'), 'utf8'))) as StoredIncident;
	const file = join(parent, name, 'weights.safetensors');
	return { ...facts, weights: decodeSafetensors(readFileSync(file), file).tensors };
}
