import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { pool } from '../arrays.ts';
import type { Case, Cases } from './case.ts';
import { convolution } from './window.ts';

/** Of every stride and padding. */
export const poolings: Cases = {
	'max pooling': pooling('max'),
	'average pooling': pooling('avg'),
};

function pooling(kind: 'max' | 'avg'): Case {
	return {
		draw: (draw) => {
			const [n, h, w, c] = [draw(1, 2), draw(1, 6), draw(1, 6), draw(1, 5)];
			const { window, attrs } = convolution(draw, h, w, false);
			const size: [number, number] = [window.height, window.width];
			const engine = (x: Tensor) =>
				kind === 'max'
					? tf.maxPool(x as Tensor3D | Tensor4D, size, attrs.strides, attrs.pad)
					: tf.avgPool(x as Tensor3D | Tensor4D, size, attrs.strides, attrs.pad);
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => engine(x!),
				reference: (x) => pool(x!, window, kind),
				distinct: true,
			};
		},
	};
}
