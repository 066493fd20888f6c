import test from 'ava';
import { column, scratch, tiny } from './programs.ts';

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
		Object.assign(logs, { 'memory/tensors': numTensors, 'memory/bytes': numBytes, 'memory/resident': process.memoryUsage.rss() });
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
	// Medians of 50 epochs: single figures jump with what the allocator keeps.
	const resident = numbers('memory/resident');
	const [early, late] = [median(resident.slice(50, 100)), median(resident.slice(250, 300))];
	t.true(late - early < 6 * 2 ** 20, `resident memory grew from ${early} to ${late} bytes`);
});

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
