import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EngineInfo } from '../../engine/backend.ts';
import type { MetaFacts } from '../../run/meta.ts';
import { splitNames } from '../../train/contracts/data.ts';
import type { LoopParts } from '../../train/loop-parts.ts';
import { monitored } from '../../train/monitors.ts';
import type { LoopSettings, TrainSettings } from '../../train/settings.ts';
import { projectRoot } from '../training-config.ts';
import type { StartRecord } from './start-record.ts';

/** What `meta.json` records of this session. */
export function metaFacts(
	start: StartRecord,
	engine: EngineInfo,
	train: TrainSettings,
	loop: LoopSettings,
	resumedFrom: string | undefined,
	allowedChanges: readonly string[],
	goesOn: boolean,
): MetaFacts {
	const { version } = JSON.parse(readFileSync(`${projectRoot}/package.json`, 'utf8')) as { version: string };
	const limits = Object.entries(loop).filter(
		([name, value]) => /^(?:limit_|max_steps|train_for)/u.test(name) && value !== null,
	);
	return {
		...start,
		dataDir: train.data_dir === null ? start.dataDir : resolve(train.data_dir),
		versions: { gimlet: version, tfjs: engine.version },
		device: engine,
		seeds: { seed: train.seed },
		limits: Object.fromEntries(limits),
		allowedChanges,
		goesOn,
		...(resumedFrom === undefined ? {} : { resumedFrom }),
	};
}

/** `data.json`: what was learned from, down to a hash of every split's index and of what it holds. */
export function dataFacts(name: string, { data, content }: LoopParts): object {
	const splits = splitNames.map((split) => {
		const { size, ids } = data.splits[split];
		const hash = createHash('sha256').update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
		return [split, { size, index_sha256: hash.digest('hex'), content_sha256: content[split] }] as const;
	});
	return {
		schema: 'gimlet.data/1',
		dataset: name,
		shape: data.spec.shape,
		target: data.spec.target,
		units: data.spec.units,
		preprocessing: data.preprocessing,
		splits: Object.fromEntries(splits),
		provenance: data.provenance,
	};
}

/** `columns.json`: what the rows of the run mean, and what decides in it. */
export function columnFacts({ columns, callbacks, data }: LoopParts): object {
	const { monitors } = monitored(columns, callbacks, data.splits.valid.size === 0);
	return { schema: 'gimlet.columns/1', columns, monitors };
}

/** `model.json`: the layers and how many parameters they have. */
export function modelFacts(name: string, { model }: LoopParts): object {
	const rows = model.rows();
	return {
		schema: 'gimlet.model/1',
		model: name,
		parameters: rows.reduce((sum, row) => sum + row.parameters, 0),
		trainable: rows.reduce((sum, row) => sum + row.trainable, 0),
		layers: rows,
		variables: model.variables().map(({ name: variable, variable: { shape, dtype }, trainable }) => ({
			name: variable,
			shape,
			dtype,
			trainable,
		})),
	};
}
