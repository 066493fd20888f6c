import { existsSync } from 'node:fs';
import test from 'ava';
import { loadAddon } from '../../src/engine/native-runner.ts';
import { json, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

// The hidden layer of a batch of 6,000 is larger than the whole memory of the engine, and fails before it is touched.
const config = place.write(
	'wide.gin',
	`train.model = 'mlp'
train.dataset = 'blobs'
device.threads = 1
blobs.n = 6200
blobs.shape = [1]
blobs.classes = 2
blobs.valid_fraction = 0.01
blobs.test_fraction = 0.01
mlp.units = [200000]
mlp.dropout = 0.0
training_loop.n_epochs = 1
training_loop.limit_train_batches = 2
`,
);

for (const backend of ['wasm', 'native']) {
	const runs = backend === 'native' && typeof loadAddon() === 'string' ? test.serial.skip : test.serial;
	runs(
		`${backend}: a batch for which there is no room is named before there is a folder; a smaller one trains`,
		async (t) => {
			const bindings = (batch: number) => ['-b', `device.backend = '${backend}'#train.batch_size = ${batch}`];
			const large = await place.run('train', backend, config, ...bindings(6000));
			t.is(large.code, 4, large.err);
			t.regex(large.err, /out of memory: no room for a float32 tensor of shape \[6000, 200000\], 4\.80 GB/u);
			const [, fits] = /If its first axis is the batch, (\d+) would fit\./u.exec(large.err) ?? [];
			t.true(Number(fits) > 0 && Number(fits) < 6000, large.err);
			t.false(existsSync(place.at(backend)));

			const smaller = await place.run('train', backend, config, ...bindings(32));
			t.is(smaller.code, 0, smaller.err);
			t.is(json(place.at(backend), 'status.json')['state'], 'partial');
		},
	);
}
