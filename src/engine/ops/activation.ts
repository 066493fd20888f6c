import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { callKernel, release } from './kernel.ts';

/** A layer's bias and activation, each in a pass of its own; `sum` is used up. */
export function finished(
	sum: TensorInfo,
	bias: TensorInfo | undefined,
	slopes: TensorInfo | undefined,
	attrs: NamedAttrMap,
): TensorInfo {
	const biased = bias === undefined ? sum : after(sum, callKernel('Add', { a: sum, b: bias }));
	const activation = (attrs['activation'] as string | null | undefined) ?? 'linear';
	switch (activation) {
		case 'linear':
			return biased;
		case 'prelu':
			return after(biased, callKernel('Prelu', { x: biased, alpha: slopes! }));
		case 'leakyrelu':
			return after(biased, callKernel('LeakyRelu', { x: biased }, { alpha: attrs['leakyreluAlpha'] as number }));
		default:
			return after(biased, callKernel(kernels[activation]!, { x: biased }));
	}
}

const kernels: { readonly [activation: string]: string } = {
	relu: 'Relu',
	relu6: 'Relu6',
	elu: 'Elu',
	sigmoid: 'Sigmoid',
};

function after(used: TensorInfo, next: TensorInfo): TensorInfo {
	release(used);
	return next;
}
