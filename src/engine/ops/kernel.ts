import type { DataType, KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { wasmBackend } from '../wasm-backend.ts';

/** A kernel of ours, or undefined where the case is not ours and the stock kernel should serve. */
export type OwnKernel = (inputs: NamedTensorInfoMap, attrs: NamedAttrMap) => TensorInfo | undefined;

/** Puts a kernel before the stock one of the same name, which goes on serving the cases that `own` leaves. */
export function defineKernel(kernelName: string, own: OwnKernel): void {
	const known = tf.getKernel(kernelName, 'wasm');
	const stock: KernelFunc | undefined = known?.kernelFunc;
	if (known !== undefined) {
		tf.unregisterKernel(kernelName, 'wasm');
	}
	tf.registerKernel({
		// The stock kernel's own preparation, for every memory it is to work on.
		...known,
		kernelName,
		backendName: 'wasm',
		kernelFunc: (call) => {
			const out = own(call.inputs, call.attrs ?? {}) ?? stock?.(call);
			if (out === undefined) {
				throw new Error(`${kernelName}: not available for ${describe(call.inputs)}`);
			}
			return out;
		},
	});
}

/** Calls another kernel by name, without recording it for gradients. */
export function callKernel(name: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap = {}): TensorInfo {
	const kernel = tf.getKernel(name, 'wasm');
	return kernel.kernelFunc({ inputs, attrs, backend: wasmBackend() }) as TensorInfo;
}

/** A new tensor with undefined contents. */
export function output(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
	return wasmBackend().makeOutput([...shape], dtype);
}

/** A new tensor of one value. */
export function filled(shape: readonly number[], value: number): TensorInfo {
	return callKernel('Fill', {}, { shape: [...shape], value, dtype: 'float32' });
}

/** Gives back a tensor that a kernel made for its own use. */
export function release(tensor: TensorInfo): void {
	wasmBackend().disposeData(tensor.dataId);
}

/** Where a tensor's values begin in the memory. */
export function address(tensor: TensorInfo): number {
	return wasmBackend().getMemoryOffset(tensor.dataId);
}

/** The same values under another shape, without a copy. */
export function reshaped(tensor: TensorInfo, shape: readonly number[]): TensorInfo {
	wasmBackend().incRef(tensor.dataId);
	return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
}

/** The values repeated along axes of length 1, and new leading ones, to another shape. */
export function repeated(x: TensorInfo, shape: readonly number[]): TensorInfo {
	const aligned = [...Array.from({ length: shape.length - x.shape.length }, () => 1), ...x.shape];
	const reps = shape.map((length, axis) => length / aligned[axis]!);
	return callKernel('Tile', { x: { ...x, shape: aligned } }, { reps });
}

export function sizeOf(shape: readonly number[]): number {
	return shape.reduce((product, length) => product * length, 1);
}

export function areFloat(...tensors: ReadonlyArray<TensorInfo | undefined>): boolean {
	return tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');
}

function describe(inputs: NamedTensorInfoMap): string {
	return Object.entries(inputs)
		.map(([name, tensor]) => `${name}: ${tensor?.dtype}[${tensor?.shape}]`)
		.join(', ');
}
