import { isAbsolute, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { Streams } from '../core/random.ts';
import { columnsOf } from './columns.ts';
import type { Callback } from './contracts/callback.ts';
import { type Data, splitNames } from './contracts/data.ts';
import { contentHashes } from './data-content.ts';
import { checkData, oddities } from './data-measures.ts';
import { type KeyedCallback, keyed, refuseShared } from './hooks.ts';
import type { LoopParts } from './loop-parts.ts';
import { lossParts } from './loss-parts.ts';
import { tellMetricsApart } from './same-columns.ts';
import type { TrainSettings } from './settings.ts';

/** Loads the data and builds the model: everything the loop works with. */
export async function buildParts(
	settings: TrainSettings,
	dataDir: string,
	called: (component: object) => Called,
): Promise<LoopParts> {
	const streams = new Streams(settings.seed);
	const data = await settings.dataset.load({
		dataDir: settings.data_dir === null ? dataDir : absolute(settings.data_dir),
		streams,
	});
	checkData(data);
	checkBatches(data, settings);
	for (const metric of settings.metrics) {
		metric.prepare(data.spec);
	}
	tellMetricsApart(settings.metrics, (metric) => called(metric).scope);
	const callbacks = callbackList(settings, called);
	refuseShared(callbacks);
	await settings.model.build(data.spec, streams);
	return {
		model: settings.model,
		data,
		content: await contentHashes(data),
		oddities: oddities(data),
		loss: settings.loss,
		optimizer: settings.optimizer,
		metrics: settings.metrics,
		columns: columnsOf({
			splits: splitNames.filter((name) => data.splits[name].size > 0),
			lossName: called(settings.loss).path,
			lossParts: lossParts(settings, data, streams),
			metrics: settings.metrics,
			pathOf: (component) => called(component).path,
			callbacks,
		}),
		callbacks,
		streams,
		shuffle: settings.shuffle,
		batchSize: settings.batch_size,
		dropLast: settings.drop_last,
		evaluationBatchSize: settings.evaluation_batch_size,
		prefetch: settings.prefetch,
	};
}

/** What the config calls a component. */
export interface Called {
	/** As registered. */
	readonly name: string;
	/** Empty at the top. */
	readonly scope: string;
	/** The name with the scope before it. */
	readonly path: string;
}

/** The callbacks of a run in the order of their hooks: the listed ones, then the default ones not listed. */
export function callbackList(settings: TrainSettings, called: (component: object) => Called): KeyedCallback[] {
	const listed = settings.callbacks.map((callback) => ({ ...called(callback), callback }));
	const names = new Set(listed.map(({ name }) => name));
	const others = settings.default_callbacks
		.map((callback: Callback) => ({ ...called(callback), callback }))
		.filter(({ name }) => !names.has(name));
	return keyed([...listed, ...others]);
}

function checkBatches({ splits }: Data, { batch_size, drop_last }: TrainSettings): void {
	const { size } = splits.train;
	if (drop_last && size < batch_size) {
		throw new UsageError(
			'train.drop_last',
			`train.drop_last leaves no batch: there are ${size} training examples, fewer than train.batch_size = ${batch_size}.`,
		);
	}
}

function absolute(path: string): string {
	return isAbsolute(path) ? path : resolve(path);
}
