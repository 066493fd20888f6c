import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { host } from '../wasm-backend.ts';
import { type ConvInfo, isOurs, poolInfo, shapeWords } from './geometry.ts';
import { address, areFloat, defineKernel, output } from './kernel.ts';

/** Pooling by maximum and by mean, with their gradients, for every padding. */
export function definePooling(): void {
	defineKernel('MaxPool', ({ x }, attrs) => pool('max_pool', x!, attrs));
	defineKernel('AvgPool', ({ x }, attrs) => pool('avg_pool', x!, attrs));
	defineKernel('MaxPoolGrad', ({ dy, input }, attrs) => {
		const info = poolInfo(input!.shape, attrs);
		if (!isOurs(info, attrs) || !areFloat(dy, input)) {
			return undefined;
		}
		const out = output(info.inShape);
		host().reserve(2 * info.inChannels);
		const words = [address(input!), address(dy!), address(out), ...shapeWords(info)];
		host().call('max_pool_grad', words, info.batchSize, poolWork(info));
		return out;
	});
	defineKernel('AvgPoolGrad', ({ dy, input }, attrs) => {
		const info = poolInfo(input!.shape, attrs);
		if (!isOurs(info, attrs) || !areFloat(dy)) {
			return undefined;
		}
		const out = output(info.inShape);
		const words = [address(dy!), address(out), 0, ...shapeWords(info)];
		host().call('avg_pool_grad', words, info.batchSize, poolWork(info));
		return out;
	});
}

function pool(kernel: 'max_pool' | 'avg_pool', x: TensorInfo, attrs: NamedAttrMap): TensorInfo | undefined {
	const info = poolInfo(x.shape, attrs);
	if (!isOurs(info, attrs) || !areFloat(x)) {
		return undefined;
	}
	const out = output(info.outShape);
	const words = [address(x), address(out), 0, ...shapeWords(info)];
	host().call(kernel, words, info.batchSize * info.outHeight, poolWork(info));
	return out;
}

function poolWork(i: ConvInfo): number {
	return i.batchSize * i.outHeight * i.outWidth * i.inChannels * i.filterHeight * i.filterWidth;
}
