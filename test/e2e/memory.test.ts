import test from 'ava';
import { column, scratch, tiny } from './programs.ts';

// On a busy machine more threads meet, and each would get a heap of its own from the allocator, for good.
process.env['MALLOC_ARENA_MAX'] = '2';

const place = scratch();
test.after.always(() => place.remove());

const watcher = `
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Callback, callback, type Logs, tf, type Training } from 'gimlet';
import { z } from 'zod';

// What is garbage is no growth.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const parameters = z.object({}).describe('Logs what is held in memory.');

@callback('memory', parameters)
export class Memory extends Callback {
	constructor(_p: z.output<typeof parameters>) {
		super();
	}

	override onEpochEnd(training: Training, logs: Logs): void {
		if (training.epoch % 5 === 0) {
			collect();
		}
		const { numTensors, numBytes } = tf.memory();
		const { rss, heapUsed, external } = process.memoryUsage();
		Object.assign(logs, { 'memory/tensors': numTensors, 'memory/bytes': numBytes });
		Object.assign(logs, { 'memory/held': heapUsed + external, 'memory/resident': rss });
	}
}
`;

test.serial('300 epochs: as many tensors, and as much memory, at the end as at the beginning', async (t) => {
	place.write('memory.ts', watcher);
	const config = place.write(
		'memory.gin',
		`${tiny.replace('n_epochs = 3', 'n_epochs = 300')}
train.callbacks = ['memory', 'weight_average', 'gradient_clip', 'reduce_lr_on_plateau']
gradient_clip.limit = 5.0
model_checkpoint.every = '10 epochs'
tensorboard.histograms_every = '10 epochs'
`,
	);
	const { code, err } = await place.run('train', 'run', config, '--plugin', 'memory.ts');
	t.is(code, 0, err);
	const numbers = (name: string) => column(place.at('run'), name).map(Number);
	t.is(numbers('epoch').length, 300);
	t.is(new Set(numbers('memory/tensors').slice(1)).size, 1);
	t.is(new Set(numbers('memory/bytes').slice(1)).size, 1);
	// The least of 50 epochs: what is about to be written or collected comes on top, a leak lifts all of them.
	const growth = (name: string) => least(numbers(name).slice(250, 300)) - least(numbers(name).slice(50, 100));
	t.log(`held ${growth('memory/held')} bytes more, resident ${growth('memory/resident')} bytes more`);
	t.true(growth('memory/held') < 2 * 2 ** 20, `held memory grew by ${growth('memory/held')} bytes`);
	t.true(growth('memory/resident') < 6 * 2 ** 20, `resident memory grew by ${growth('memory/resident')} bytes`);
});

function least(values: readonly number[]): number {
	return Math.min(...values);
}
