import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DivergedError, exitCodes } from '../../../src/core/errors.ts';
import { stopEngine } from '../../../src/engine/backend.ts';
import { tiers } from '../../contract/tiers.ts';
import { built, loopOf } from '../../fixtures/building.ts';

const poison = fileURLToPath(new URL('../../fixtures/plugins/poison.ts', import.meta.url));
const digits = ["train.model = 'simple_cnn'", "train.dataset = 'digits'", 'digits.train_limit = 64'];
/** What could make numbers of NaN on its way through a step. */
const ways: { readonly [name: string]: readonly string[] } = {
	'relu, then clipping by value': ["train.callbacks = ['gradient_clip']", "gradient_clip.by = 'value'"],
	'clipping by norm': ["train.callbacks = ['gradient_clip']"],
	'batch norm with relu': ['mlp.batch_norm = True'],
	elu: ["mlp.activation = 'elu'"],
	'binary cross entropy': ["train.loss = 'binary_cross_entropy'"],
	'max pooling': [...digits, "digits.transforms = ['poison']"],
};

for (const { backend, slow = false } of tiers.filter(({ threads }) => threads === 1)) {
	for (const [name, bindings] of Object.entries(ways).slice(0, slow ? 1 : undefined)) {
		test.serial(`${backend}: NaN among the inputs ends a run as diverged: ${name}`, async (t) => {
			const device = [`device.backend = '${backend}'`, 'device.allow_software = True'];
			const data = ["blobs.transforms = ['poison']", 'poison.probability = 1.0'];
			const all = await built([...bindings, ...data, ...device], true, [poison]);
			const error = (await t.throwsAsync(loopOf(all).loop.train())) as DivergedError;
			t.is(error.exitCode, exitCodes.diverged);
			t.regex(error.message, /diverged in epoch 0, step 1: loss is NaN/u);
		});
	}
}

test.after.always(stopEngine);
