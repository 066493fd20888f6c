import type { DataType, KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { webgpu } from './webgpu.ts';

/**
 * A kernel of ours, or undefined where the case is not ours and the stock kernel should serve; `stock` has it serve, for
 * what is to be mended afterwards.
 */
export type OwnKernel = (
	inputs: NamedTensorInfoMap,
	attrs: NamedAttrMap,
	stock: () => TensorInfo,
) => TensorInfo | TensorInfo[] | undefined;

/** Puts a kernel before the stock one of the same name, which goes on serving the cases that `own` leaves. */
export function defineKernel(kernelName: string, own: OwnKernel): void {
	const known = tf.getKernel(kernelName, 'webgpu');
	const stock: KernelFunc | undefined = known?.kernelFunc;
	if (known !== undefined) {
		tf.unregisterKernel(kernelName, 'webgpu');
	}
	tf.registerKernel({
		kernelName,
		backendName: 'webgpu',
		kernelFunc: (call) => {
			const out = own(call.inputs, call.attrs ?? {}, () => stock!(call) as TensorInfo) ?? stock?.(call);
			if (out === undefined) {
				throw new Error(`${kernelName}: not available on WebGPU for these inputs`);
			}
			return out;
		},
	});
}

/** Calls another kernel by name, without recording it for gradients. */
export function callKernel(name: string, inputs: NamedTensorInfoMap): TensorInfo {
	return tf.getKernel(name, 'webgpu').kernelFunc({ inputs, attrs: {}, backend: webgpu() }) as TensorInfo;
}

/** A new tensor with undefined contents. */
export function output(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
	return webgpu().makeTensorInfo([...shape], dtype);
}

/** Gives back a tensor that a kernel made for its own use. */
export function release(tensor: TensorInfo): void {
	webgpu().disposeData(tensor.dataId);
}

export function sizeOf(shape: readonly number[]): number {
	return shape.reduce((product, length) => product * length, 1);
}

export function areFloat(...tensors: ReadonlyArray<TensorInfo | undefined>): boolean {
	return tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');
}
