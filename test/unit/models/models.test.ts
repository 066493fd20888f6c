import test from 'ava';
import type { Loss } from '../../../src/train/contracts/loss.ts';
import type { Model } from '../../../src/train/contracts/model.ts';
import type { Optimizer } from '../../../src/train/contracts/optimizer.ts';
import '../../../src/losses/cross_entropy.ts';
import '../../../src/models/lenet.ts';
import '../../../src/models/mlp.ts';
import '../../../src/models/resnet.ts';
import '../../../src/models/simple_cnn.ts';
import '../../../src/optimizers/sgd.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { batchFor, classes, lossAndGradients, make, numbers, Streams, tf, values } from '../../fixtures/parts.ts';

const total = (model: Model, of: 'parameters' | 'trainable') => model.rows().reduce((sum, row) => sum + row[of], 0);

function built(name: string, shape: number[], parameters: Record<string, unknown> = {}, count = 10): Model {
	const model = make<Model>(name, parameters);
	void model.build(classes(shape, count), new Streams(7));
	return model;
}

const counts: [string, Record<string, unknown>, number[], number][] = [
	['lenet', {}, [32, 32, 3], 62_006],
	['lenet', { padding: 'same' }, [28, 28, 1], 61_706],
	['resnet', {}, [32, 32, 3], 269_722],
	['resnet', { shortcut: 'project' }, [32, 32, 3], 272_474],
	['mlp', { units: [5] }, [4], 4 * 5 + 5 + 5 * 10 + 10],
	['mlp', { units: [] }, [2, 2, 1], 4 * 10 + 10],
	// 9·16+16, 9·16·32+32, then 2·2·32 features.
	['simple_cnn', {}, [8, 8, 1], 160 + 4640 + 128 * 64 + 64 + 650],
];
for (const [name, parameters, shape, expected] of counts) {
	test(`${name} ${JSON.stringify(parameters)} on ${shape} has ${expected} trainable weights`, (t) => {
		const model = built(name, shape, parameters);
		t.is(total(model, 'trainable'), expected);
		const sizes = model.variables().map(({ variable, trainable }) => (trainable ? variable.size : 0));
		t.is(
			sizes.reduce((a, b) => a + b, 0),
			expected,
		);
		model.dispose();
	});
}

test('resnet counts running statistics as parameters that are not trained', (t) => {
	const model = built('resnet', [8, 8, 3], { depth: 8, width: 2 });
	// Seven normalised convolutions: 3 of 2, 2 of 4, 2 of 8 filters.
	t.is(total(model, 'parameters') - total(model, 'trainable'), 2 * (3 * 2 + 2 * 4 + 2 * 8));
	t.deepEqual(model.rows().at(-1)?.outputShape, [10]);
	model.dispose();
});

const small: [string, number[], Record<string, unknown>][] = [
	['simple_cnn', [8, 8, 1], { filters: [3, 4], units: [6], dropout: 0.2, batch_norm: true }],
	['simple_cnn', [5, 9, 2], { filters: [3], units: [] }],
	['lenet', [16, 16, 1], { activation: 'tanh', pooling: 'average' }],
	['mlp', [3, 4], { units: [8, 8], dropout: 0.1, batch_norm: true }],
	['resnet', [9, 8, 2], { depth: 8, width: 3 }],
	['resnet', [8, 8, 1], { depth: 14, width: 2, shortcut: 'project' }],
];
for (const [name, shape, parameters] of small) {
	test(`${name} ${JSON.stringify(parameters)} on ${shape}: a step lowers the loss, names are stable, nothing leaks`, (t) => {
		const before = tf.memory().numTensors;
		const model = built(name, shape, parameters, 3);
		const names = model.variables().map((variable) => variable.name);
		t.is(new Set(names).size, names.length);
		const twin = built(name, shape, parameters, 3);
		t.deepEqual(
			twin.variables().map((variable) => variable.name),
			names,
		);
		const first = model.variables().map(({ variable }) => numbers(variable));
		t.deepEqual(
			twin.variables().map(({ variable }) => numbers(variable)),
			first,
		);
		void model.build(classes(shape, 3), new Streams(7));
		t.deepEqual(
			model.variables().map(({ name: again, variable }) => [again, numbers(variable)]),
			names.map((again, at) => [again, first[at]!]),
		);
		twin.dispose();

		const batch = batchFor(classes(shape, 3), 6);
		const loss = make<Loss>('cross_entropy');
		const optimizer = make<Optimizer>('sgd');
		// The same dropout masks both times.
		const start = lossAndGradients(model, loss, batch, new Streams(3));
		const during = tf.memory().numTensors;
		optimizer.update(model.variables(), start.gradients, 0.003);
		const end = lossAndGradients(model, loss, batch, new Streams(3));
		t.true(end.total < start.total, `${end.total} < ${start.total}`);
		tf.dispose(end.gradients);
		t.is(tf.memory().numTensors, during);
		const outputs = model.forward(batch.inputs, { training: false, streams: new Streams(3) });
		t.deepEqual(outputs.shape, [6, 3]);

		tf.dispose([start.gradients, outputs, batch.inputs, batch.targets]);
		model.dispose();
		optimizer.dispose();
		t.is(tf.memory().numTensors, before);
	});
}

test('dropout and running statistics act in training only, and the dropout stream replays them', (t) => {
	const model = built('simple_cnn', [8, 8, 1], { filters: [4], units: [8], dropout: 0.5, batch_norm: true });
	const { inputs } = batchFor(classes([8, 8, 1]), 4);
	const forward = (training: boolean, streams: Streams) => numbers(model.forward(inputs, { training, streams }));
	const running = () => model.variables().flatMap(({ variable, trainable }) => (trainable ? [] : numbers(variable)));
	const untouched = running();
	const streams = new Streams(5);
	t.deepEqual(forward(false, streams), forward(false, streams));
	t.deepEqual(streams.state(), {});
	t.deepEqual(running(), untouched);
	const once = forward(true, new Streams(5));
	t.notDeepEqual(running(), untouched);
	t.deepEqual(forward(true, new Streams(5)), once);
	t.notDeepEqual(forward(true, new Streams(6)), once);
	model.dispose();
});

test('another seed, another start; only the stream init decides', (t) => {
	const weights = (seed: number, draws: number) => {
		const streams = new Streams(seed);
		for (let at = 0; at < draws; at++) {
			streams.stream('shuffle').uint32();
		}
		const model = make<Model>('mlp', { units: [4] });
		void model.build(classes([3]), streams);
		const all = model.variables().map(({ variable }) => numbers(variable));
		model.dispose();
		return all;
	};
	t.deepEqual(weights(1, 0), weights(1, 9));
	t.notDeepEqual(weights(1, 0), weights(2, 0));
});

test('initial kernels have the deviation of He et al.', (t) => {
	const model = built('resnet', [32, 32, 3], { depth: 8, width: 32 });
	const kernel = numbers(model.variables().find(({ name }) => name === 'stage1_block1_conv1/kernel')!.variable);
	const sd = Math.sqrt(kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length);
	t.true(Math.abs(sd / Math.sqrt(2 / (9 * 32)) - 1) < 0.05, `${sd}`);
	model.dispose();
});

test('a model of real values has one output per value', (t) => {
	const model = make<Model>('mlp', { units: [3] });
	void model.build(values([5], [2, 2]), new Streams(1));
	t.deepEqual(model.rows().at(-1)?.outputShape, [4]);
	model.dispose();
});

for (const [name, shape] of [
	['simple_cnn', [64]],
	['simple_cnn', [3, 8, 1]],
	['lenet', [8, 8, 1]],
	['resnet', [3, 3, 1]],
] as [string, number[]][]) {
	test(`${name} refuses inputs of shape ${shape}`, (t) => {
		t.throws(() => built(name, shape), { instanceOf: UsageError, message: new RegExp(`${name} needs images`) });
	});
}

test('resnet refuses a depth that is not 6n + 2', (t) => {
	t.throws(() => make('resnet', { depth: 18 }), { message: /6n \+ 2/ });
});
