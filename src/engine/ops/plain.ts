import type { DataId, KernelBackend, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { areFloat } from './kernel.ts';
import { floorDivision, power, segmentSum } from './plain-arithmetic.ts';
import { argMax, argMin, sign, topK } from './plain-choices.ts';
import { conv3dFilterGradient, conv3dInputGradient } from './plain-convolution.ts';
import { dilation, dilationFilterGradient, dilationInputGradient } from './plain-dilation.ts';
import {
	avgPoolGradient,
	firstOrLarger,
	maxPool,
	maxPool3d,
	maxPool3dGradient,
	maxPoolGradient,
} from './plain-pooling.ts';
import { resizeBilinear, resizeBilinearGradient, resizeNearestGradient } from './plain-resizing.ts';
import { areTame } from './tame.ts';

/** A tensor as its values, row by row. */
export interface PlainTensor {
	readonly shape: readonly number[];
	readonly values: Float32Array | Int32Array;
}

/** What a gradient is added up in. */
export type SumsConstructor = Float32ArrayConstructor | Float64ArrayConstructor;

type PlainInputs = { readonly [name: string]: PlainTensor };

/** A kernel in plain TypeScript, for rare operations that a stock backend computes wrongly. */
export type PlainKernel = (inputs: PlainInputs, attrs: NamedAttrMap) => PlainTensor | PlainTensor[];

interface Replacement {
	readonly kernel: PlainKernel;
	/** Whether the stock kernel is wrong here; it serves otherwise. */
	readonly when?: (attrs: NamedAttrMap, inputs: readonly TensorInfo[]) => boolean;
}

const halfPixel = (attrs: NamedAttrMap) => attrs['halfPixelCenters'] === true;
const ofFloats = (_attrs: NamedAttrMap, [x]: readonly TensorInfo[]) => areFloat(x);

// Of NaN these make numbers, on every stock backend.
const everywhere: { readonly [name: string]: Replacement } = {
	MaxPool3DGrad: { kernel: maxPool3dGradient },
	Dilation2D: { kernel: dilation },
	ArgMax: { kernel: argMax },
	ArgMin: { kernel: argMin },
	TopK: { kernel: topK },
	Sign: { kernel: sign, when: ofFloats },
};

const onWasm: { readonly [name: string]: Replacement } = {
	...everywhere,
	MaxPool3D: { kernel: maxPool3d(Math.max) },
	Dilation2DBackpropInput: { kernel: dilationInputGradient(Float32Array) },
	Dilation2DBackpropFilter: { kernel: dilationFilterGradient(Float32Array) },
	Conv3DBackpropInputV2: { kernel: conv3dInputGradient },
	Conv3DBackpropFilterV2: { kernel: conv3dFilterGradient },
	ResizeBilinear: { kernel: resizeBilinear, when: (_attrs, [images]) => !areTame(images) },
	ResizeBilinearGrad: { kernel: resizeBilinearGradient, when: halfPixel },
	ResizeNearestNeighborGrad: { kernel: resizeNearestGradient, when: halfPixel },
};

const onCpu: { readonly [name: string]: Replacement } = {
	...everywhere,
	MaxPool: { kernel: maxPool },
	MaxPoolGrad: { kernel: maxPoolGradient },
	MaxPool3D: { kernel: maxPool3d(firstOrLarger) },
	Dilation2DBackpropInput: { kernel: dilationInputGradient(Float64Array) },
	Dilation2DBackpropFilter: { kernel: dilationFilterGradient(Float64Array) },
	UnsortedSegmentSum: { kernel: segmentSum, when: ofFloats },
	Pow: { kernel: power, when: ofFloats },
	FloorDiv: { kernel: floorDivision, when: ofFloats },
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
	write(values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): DataId;
}

function replaceKernel(kernelName: string, backendName: string, { kernel, when }: Replacement): void {
	const stock = tf.getKernel(kernelName, backendName);
	tf.unregisterKernel(kernelName, backendName);
	tf.registerKernel({
		...stock,
		kernelFunc: (call) => {
			const attrs = call.attrs ?? {};
			const tensors = call.inputs as { [name: string]: TensorInfo };
			if (when?.(attrs, Object.values(tensors)) === false) {
				return stock.kernelFunc(call);
			}
			const backend = call.backend as Values;
			const inputs = Object.entries(tensors).map(
				([name, { dataId, shape }]) => [name, { shape, values: backend.readSync(dataId) }] as const,
			);
			const out = kernel(Object.fromEntries(inputs), attrs);
			return Array.isArray(out) ? out.map((one) => written(backend, one)) : written(backend, out);
		},
	});
}

function written(backend: Values, { shape, values }: PlainTensor): TensorInfo {
	const dtype = values instanceof Int32Array ? 'int32' : 'float32';
	return { dataId: backend.write(values, [...shape], dtype), shape: [...shape], dtype };
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
