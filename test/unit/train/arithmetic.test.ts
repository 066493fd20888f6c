import test from 'ava';
import '../../../src/optimizers/adam.ts';
import '../../../src/optimizers/rmsprop.ts';
import '../../../src/optimizers/sgd.ts';
import { RefusedError } from '../../../src/core/errors.ts';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import type { Optimizer } from '../../../src/train/contracts/optimizer.ts';
import { make, numbers, tf, variable } from '../../fixtures/parts.ts';

test.before(() => startEngine({ backend: 'wasm', threads: 1 }));
test.after.always(() => stopEngine());

// A step from a saved state, with a gradient of 1: the slots are then what their means take of a gradient.
function shares(optimizer: Optimizer, saved?: Record<string, number>): number[] {
	if (saved !== undefined) {
		optimizer.restoreState(saved);
	}
	const one = variable('a/kernel', [1]);
	const gradient = tf.tensor1d([1]);
	optimizer.update([one], { 'a/kernel': gradient }, 0.1);
	return Object.values(optimizer.slots()).flatMap(numbers);
}

const inSingle = (decay: number) => Math.fround(1 - Math.fround(decay));

test('a new run takes 1 - decay in double precision', (t) => {
	const adam = make<Optimizer>('adam');
	t.deepEqual(shares(adam), [0.1, 0.001].map(Math.fround));
	t.deepEqual(adam.state(), { step: 1, arithmetic: 2 });
	t.is(adam.kept, undefined);
	t.deepEqual(shares(make('rmsprop', { decay: 0.999 })), [Math.fround(0.001)]);
});

test('a run of before goes on as it began, and says so', (t) => {
	const adam = make<Optimizer>('adam');
	t.deepEqual(shares(adam, { step: 7 }), [0.9, 0.999].map(inSingle));
	t.not(inSingle(0.999), Math.fround(0.001));
	t.deepEqual(adam.state(), { step: 8, arithmetic: 1 });
	t.regex(adam.kept ?? '', /1 - beta1 and 1 - beta2 stay in single precision, as this run began/);
	const rmsprop = make<Optimizer>('rmsprop', { decay: 0.999 });
	t.deepEqual(shares(rmsprop, { step: 7 }), [inSingle(0.999)]);
	t.regex(rmsprop.kept ?? '', /1 - decay stays in single precision/);
	const sgd = make<Optimizer>('sgd');
	shares(sgd, { step: 7 });
	t.is(sgd.kept, undefined);
});

test('an arithmetic of a later version is refused', (t) => {
	t.throws(() => make<Optimizer>('adam').restoreState({ step: 1, arithmetic: 3 }), {
		instanceOf: RefusedError,
		message: /arithmetic 3; this version of gimlet knows 1 to 2/,
	});
});
