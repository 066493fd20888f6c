import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { dropout } from '../src/engine/dropout.ts';
import { conv2d, sigmoidCrossEntropy } from '../src/engine/fused-ops.ts';
import { tf } from '../src/engine/tf.ts';
import { batch, classify, dense, labels, maker } from './layers.ts';

/** A training step to be measured: the loss of one batch as a function of the variables. */
export interface Workload {
	readonly variables: Variable[];
	/** Of the batch below. */
	readonly loss: () => Scalar;
	/** Of any batch; the outputs are logits. */
	readonly step: (inputs: Tensor, targets: Tensor) => { readonly outputs: Tensor; readonly loss: Scalar };
	readonly inputs: Tensor;
	readonly targets: Tensor;
}

export { batch };

/** Floating-point operations of a training step, per image: three products per layer, less the first one's input gradient. */
export const flops = { cnn: 148.3e6, mlp: 3.21e6, vae: 9.75e6, resnet20: 242.4e6, bncnn: 148.3e6 } as const;

export type MeasuredName = keyof typeof flops;

/** `dropout` is trained for its weights' sake, not for speed. */
export type TrainedName = MeasuredName | 'dropout';

/** Those whose data bench/loop-meter.ts makes, too. */
export type WorkloadName = 'cnn' | 'mlp' | 'vae';

export const workloads: { readonly [name in TrainedName]: () => Workload } = {
	cnn: () => {
		const { matrix, bias, variables, data } = maker();
		const filters = [
			[3, 32],
			[32, 32],
			[32, 64],
			[64, 64],
		].map(([from, to]) => ({ w: matrix([3, 3, from!, to!], 9 * from!) as Tensor, b: bias(to!) }));
		const [w5, b5, w6, b6] = [matrix([4096, 128], 4096), bias(128), matrix([128, 10], 128), bias(10)];
		const x = tf.tensor4d(data(batch * 3072), [batch, 32, 32, 3]);
		const y = labels(data);
		const layer = (input: Tensor4D, i: number) =>
			conv2d(input, filters[i]!.w as Tensor4D, filters[i]!.b as unknown as Tensor1D, {
				pad: 'same',
				activation: 'relu',
			});
		const forward = (images: Tensor) => {
			const first = tf.maxPool(layer(layer(images as Tensor4D, 0), 1), 2, 2, 'valid');
			const second = tf.maxPool(layer(layer(first, 2), 3), 2, 2, 'valid');
			const flat = tf.reshape(second, [batch, 4096]) as Tensor2D;
			return dense(dense(flat, w5, b5, 'relu'), w6, b6);
		};
		return classifier(variables, forward, x, y);
	},
	mlp: () => {
		const { matrix, bias, variables, data } = maker();
		const sizes = [784, 512, 512, 10];
		const layers = sizes.slice(1).map((to, i) => ({ w: matrix([sizes[i]!, to], sizes[i]!), b: bias(to) }));
		const x = tf.tensor2d(data(batch * 784), [batch, 784]);
		const y = labels(data);
		const forward = (images: Tensor) => {
			const first = dense(images as Tensor2D, layers[0]!.w, layers[0]!.b, 'relu');
			return dense(dense(first, layers[1]!.w, layers[1]!.b, 'relu'), layers[2]!.w, layers[2]!.b);
		};
		return classifier(variables, forward, x, y);
	},
	vae: () => {
		const { matrix, bias, variables, data } = maker();
		const sizes = [
			[784, 1024],
			[1024, 128],
			[128, 128],
			[64, 128],
			[128, 1024],
			[1024, 784],
		];
		const layers = sizes.map(([from, to]) => ({ w: matrix([from!, to!], from!), b: bias(to!) }));
		const x = tf.tensor2d(
			data(batch * 784).map((value) => (value < 0.2 ? 1 : 0)),
			[batch, 784],
		);
		const noise = tf.tensor2d(
			data(batch * 64).map((value) => (value * 2 - 1) * 1.7),
			[batch, 64],
		);
		const layer = (input: Tensor2D, i: number, relu = true) =>
			dense(input, layers[i]!.w, layers[i]!.b, relu ? 'relu' : 'linear');
		const step = (inputs: Tensor, targets: Tensor) => {
			const code = layer(layer(layer(inputs as Tensor2D, 0), 1), 2, false);
			const [mean, logVariance] = tf.split(code, 2, 1) as [Tensor2D, Tensor2D];
			const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) as Tensor2D;
			const outputs = layer(layer(layer(z, 3), 4), 5, false);
			return { outputs, loss: evidenceBound(outputs, targets as Tensor2D, mean, logVariance) };
		};
		return { variables, step, loss: () => step(x, x).loss, inputs: x, targets: x };
	},
	resnet20: () => {
		const { matrix, bias, variables, data, normalised } = maker();
		const layer = (from: number, to: number) => normalised(matrix([3, 3, from, to], 9 * from * 0.5), to);
		const stem = layer(3, 16);
		const blocks = [16, 32, 64].flatMap((width, stage) =>
			[0, 1, 2].map((number) => {
				const stride = stage > 0 && number === 0 ? 2 : 1;
				return { stride, first: layer(width / stride, width), second: layer(width, width) };
			}),
		);
		const [w, b] = [matrix([64, 10], 64), bias(10)];
		const x = tf.tensor4d(data(batch * 3072), [batch, 32, 32, 3]);
		const y = labels(data);
		const forward = (images: Tensor) => {
			let h = stem(images as Tensor4D);
			for (const { stride, first, second } of blocks) {
				h = second(first(h, { stride }), { shortcut: stride === 1 ? h : halved(h) });
			}
			return dense(tf.mean(h, [1, 2]) as Tensor2D, w, b);
		};
		return classifier(variables, forward, x, y);
	},
	bncnn: () => {
		const { matrix, bias, variables, data, normalised } = maker();
		const [c1, c2, c3, c4] = [
			[3, 32],
			[32, 32],
			[32, 64],
			[64, 64],
		].map(([from, to]) => normalised(matrix([3, 3, from!, to!], 9 * from!), to!));
		const [w5, b5, w6, b6] = [matrix([4096, 128], 4096), bias(128), matrix([128, 10], 128), bias(10)];
		const x = tf.tensor4d(data(batch * 3072), [batch, 32, 32, 3]);
		const y = labels(data);
		const forward = (images: Tensor) => {
			const first = tf.maxPool(c2!(c1!(images as Tensor4D)), 2, 2, 'valid');
			const second = tf.maxPool(c4!(c3!(first)), 2, 2, 'valid');
			const flat = tf.reshape(second, [batch, 4096]) as Tensor2D;
			return dense(dense(flat, w5, b5, 'relu'), w6, b6);
		};
		return classifier(variables, forward, x, y);
	},
	dropout: () => {
		const { matrix, bias, variables, data } = maker();
		const [w1, b1, w2, b2] = [matrix([784, 256], 784), bias(256), matrix([256, 10], 256), bias(10)];
		const x = tf.tensor2d(data(batch * 784), [batch, 784]);
		let seed = 1;
		const forward = (images: Tensor) => {
			const hidden = dropout(dense(images as Tensor2D, w1, b1, 'relu'), 0.5, seed++) as Tensor2D;
			return dense(hidden, w2, b2);
		};
		return classifier(variables, forward, x, labels(data));
	},
};

// Every second pixel, and as many zero channels before as after: He et al. 2016, section 4.2, option A.
function halved(x: Tensor4D): Tensor4D {
	const more = x.shape[3] / 2;
	const kept = tf.avgPool(x, 1, 2, 'same');
	return tf.pad(kept, [
		[0, 0],
		[0, 0],
		[0, 0],
		[more, more],
	]) as Tensor4D;
}

function evidenceBound(logits: Tensor2D, x: Tensor2D, mean: Tensor2D, logVariance: Tensor2D): Scalar {
	const reconstruction = tf.sum(sigmoidCrossEntropy(logits, x));
	const inner = tf.sub(tf.sub(tf.add(1, logVariance), tf.square(mean)), tf.exp(logVariance));
	return tf.div(tf.add(reconstruction, tf.mul(-0.5, tf.sum(inner))), batch);
}

function classifier(
	variables: Variable[],
	forward: (inputs: Tensor) => Tensor2D,
	inputs: Tensor,
	targets: Tensor1D,
): Workload {
	const step = (x: Tensor, y: Tensor) => {
		const outputs = forward(x);
		return { outputs, loss: classify(outputs, y as Tensor1D) };
	};
	return { variables, step, loss: () => step(inputs, targets).loss, inputs, targets };
}
