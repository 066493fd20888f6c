import { GimletError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import { assemble, storedOrder, upload } from './batches.ts';
import type { Data } from './contracts/data.ts';
import type { TrainSettings } from './settings.ts';

/**
 * The names of the parts of the loss, from one pass over the first batch without training. What does not fit together
 * (a loss, a metric and the outputs of the model) is found here as well.
 */
export function lossParts(settings: TrainSettings, data: Data, streams: Streams): string[] {
	const { model, loss, metrics, batch_size } = settings;
	const before = streams.state();
	const rows = storedOrder(Math.min(batch_size, data.splits.train.size));
	const batch = upload(data, assemble(data, 'train', rows, undefined, streams));
	let names: string[] = [];
	try {
		tf.tidy(() => {
			const { outputs, losses } = model.step(batch, loss, { training: false, streams });
			names = Object.keys(losses);
			metrics.forEach((metric) => void metric.sums(outputs, batch.targets));
		});
	} catch (error) {
		if (error instanceof GimletError) {
			throw error;
		}
		throw new GimletError('model.failed', `The first batch cannot be computed: ${messageOf(error)}`, { cause: error });
	} finally {
		tf.dispose([batch.inputs, batch.targets]);
	}
	if (JSON.stringify(streams.state()) !== JSON.stringify(before)) {
		streams.restore(before);
	}
	return names;
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
