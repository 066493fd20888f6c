import type { DataId, KernelBackend, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { conv3dFilterGradient, conv3dInputGradient } from './plain-convolution.ts';
import { dilation, dilationFilterGradient, dilationInputGradient } from './plain-dilation.ts';
import { avgPoolGradient, maxPool3d, maxPool3dGradient } from './plain-pooling.ts';
import { resizeBilinearGradient, resizeNearestGradient } from './plain-resizing.ts';

/** A tensor as its values, row by row. */
export interface PlainTensor {
	readonly shape: readonly number[];
	readonly values: Float32Array;
}

/** A kernel in plain TypeScript, for rare operations that a stock backend computes wrongly. */
export type PlainKernel = (inputs: { readonly [name: string]: PlainTensor }, attrs: NamedAttrMap) => PlainTensor;

interface Replacement {
	readonly kernel: PlainKernel;
	/** Whether the stock kernel is wrong here; it serves otherwise. */
	readonly when?: (attrs: NamedAttrMap) => boolean;
}

const halfPixel = (attrs: NamedAttrMap) => attrs['halfPixelCenters'] === true;

const everywhere: { readonly [name: string]: Replacement } = {
	MaxPool3DGrad: { kernel: maxPool3dGradient },
};

const onWasm: { readonly [name: string]: Replacement } = {
	...everywhere,
	MaxPool3D: { kernel: maxPool3d },
	Dilation2D: { kernel: dilation },
	Dilation2DBackpropInput: { kernel: dilationInputGradient },
	Dilation2DBackpropFilter: { kernel: dilationFilterGradient },
	Conv3DBackpropInputV2: { kernel: conv3dInputGradient },
	Conv3DBackpropFilterV2: { kernel: conv3dFilterGradient },
	ResizeBilinearGrad: { kernel: resizeBilinearGradient, when: halfPixel },
	ResizeNearestNeighborGrad: { kernel: resizeNearestGradient, when: halfPixel },
};

const onCpu: { readonly [name: string]: Replacement } = {
	...everywhere,
	AvgPoolGrad: { kernel: avgPoolGradient },
	ResizeBilinearGrad: { kernel: resizeBilinearGradient },
	ResizeNearestNeighborGrad: { kernel: resizeNearestGradient },
};

const done = new Set<string>();

/** Replaces what the stock backend of this name computes wrongly; once is enough. */
export function mendKernels(backend: 'cpu' | 'wasm'): void {
	if (done.has(backend)) {
		return;
	}
	done.add(backend);
	for (const [kernelName, replacement] of Object.entries(backend === 'cpu' ? onCpu : onWasm)) {
		replaceKernel(kernelName, backend, replacement);
	}
	if (backend === 'cpu') {
		keepScattered();
	}
}

// What every stock backend of ours offers.
interface Values extends KernelBackend {
	readSync(dataId: DataId): Float32Array;
	write(values: Float32Array, shape: number[], dtype: 'float32'): DataId;
}

function replaceKernel(kernelName: string, backendName: string, { kernel, when }: Replacement): void {
	const stock = tf.getKernel(kernelName, backendName);
	tf.unregisterKernel(kernelName, backendName);
	tf.registerKernel({
		...stock,
		kernelFunc: (call) => {
			const attrs = call.attrs ?? {};
			if (when?.(attrs) === false) {
				return stock.kernelFunc(call);
			}
			const backend = call.backend as Values;
			const inputs = Object.entries(call.inputs as { [name: string]: TensorInfo }).map(
				([name, { dataId, shape }]) => [name, { shape, values: backend.readSync(dataId) }] as const,
			);
			const { shape, values } = kernel(Object.fromEntries(inputs), attrs);
			return { dataId: backend.write(values, [...shape], 'float32'), shape: [...shape], dtype: 'float32' };
		},
	});
}

// The stock kernel writes into the tensor that it is to copy.
function keepScattered(): void {
	const stock = tf.getKernel('TensorScatterUpdate', 'cpu');
	tf.unregisterKernel('TensorScatterUpdate', 'cpu');
	tf.registerKernel({
		...stock,
		kernelFunc: (call) => {
			const backend = call.backend as Values;
			const { tensor } = call.inputs as { tensor: TensorInfo };
			const values = backend.readSync(tensor.dataId).slice();
			const copy = { ...tensor, dataId: backend.write(values, tensor.shape, tensor.dtype as 'float32') };
			const out = stock.kernelFunc({ ...call, inputs: { ...call.inputs, tensor: copy } });
			backend.disposeData(copy.dataId);
			return out;
		},
	});
}
