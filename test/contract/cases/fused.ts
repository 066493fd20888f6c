import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { batchNorm, sigmoidCrossEntropy, softmaxCrossEntropy } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { at, broadcast, build, map, mean } from '../arrays.ts';
import type { Cases } from './case.ts';

/** Layers and losses that our tiers compute in one pass. */
export const fused: Cases = {
	'batch normalisation (fused, training)': {
		draw: (draw) => {
			const channels = draw(1, 5);
			const shape = [draw(2, 4), draw(1, 3), draw(1, 3), channels];
			return {
				shapes: [shape, [channels], [channels]],
				engine: (x, gamma, beta) => batchNorm(x!, gamma as Tensor1D, beta as Tensor1D, 0.01).y,
				reference: (x, gamma, beta) => {
					const centre = mean(x!, [0, 1, 2]);
					const centred = broadcast(x!, centre, (p, q) => p - q);
					const deviation = map(
						mean(
							map(centred, (v) => v * v),
							[0, 1, 2],
						),
						(v) => Math.sqrt(v + 0.01),
					);
					const unit = broadcast(centred, deviation, (p, q) => p / q);
					return broadcast(
						broadcast(unit, gamma!, (p, q) => p * q),
						beta!,
						(p, q) => p + q,
					);
				},
			};
		},
	},
	'softmax cross entropy (fused)': {
		draw: (draw) => {
			const [rows, classes] = [draw(1, 6), draw(1, 7)];
			const labels = Array.from({ length: rows }, () => draw(0, classes - 1));
			const smoothing = draw(0, 1) * 0.2;
			return {
				shapes: [[rows, classes]],
				engine: (x) => softmaxCrossEntropy(x as Tensor2D, tf.tensor1d(labels, 'int32'), smoothing),
				reference: (x) =>
					build([rows], ([r]) => {
						const row = Array.from({ length: classes }, (_, j) => at(x!, [r!, j]));
						const total = Math.log(row.reduce((s, v) => s + Math.exp(v), 0));
						const target = (j: number) => (j === labels[r!] ? 1 - smoothing : 0) + smoothing / classes;
						return row.reduce((s, v, j) => s + (target(j) === 0 ? 0 : target(j) * (total - v)), 0);
					}),
			};
		},
	},
	'binary cross entropy (fused)': {
		draw: (draw) => {
			const [rows, columns] = [draw(1, 5), draw(1, 9)];
			const targets = Array.from({ length: rows * columns }, () => draw(0, 4) / 4);
			const scale = [1, 8, 60][draw(0, 2)]!;
			return {
				shapes: [[rows, columns]],
				engine: (x) => sigmoidCrossEntropy(tf.mul(x!, scale) as Tensor2D, tf.tensor2d(targets, [rows, columns])),
				reference: (x) =>
					build([rows], ([r]) => {
						let total = 0;
						for (let j = 0; j < columns; j++) {
							const z = at(x!, [r!, j]) * scale;
							total += Math.max(z, 0) - z * targets[r! * columns + j]! + Math.log1p(Math.exp(-Math.abs(z)));
						}
						return total;
					}),
				distinct: true,
			};
		},
	},
};
