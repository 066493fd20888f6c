import type { backend_util, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { poolInfo } from '../ops/geometry.ts';
import { tf } from '../tf.ts';
import { declarations, dispatch, flatGroups, flatMain, type Uniform } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';
import { isNaNFunction } from './nan.ts';

type Windows = backend_util.Conv3DInfo;

/**
 * Max pooling over two and three axes, and its gradient. NaN is larger than anything; the gradient goes to the first of
 * equal values. The stock kernels drop NaN, begin at -1e20, and are wrong for the gradient over three axes.
 */
export function defineMaxPooling(): void {
	defineKernel('MaxPool', ({ x }, attrs) => forward(x!, flat(x!, attrs)));
	defineKernel('MaxPool3D', ({ x }, attrs) => forward(x!, windowsOf(x!.shape, attrs)));
	defineKernel('MaxPoolGrad', ({ dy, input }, attrs) => backward(dy!, input!, flat(input!, attrs)));
	defineKernel('MaxPool3DGrad', ({ dy, input }, attrs) => backward(dy!, input!, windowsOf(input!.shape, attrs)));
}

function windowsOf(shape: readonly number[], attrs: NamedAttrMap): Windows {
	return tf.backend_util.computePool3DInfo(
		shape as [number, number, number, number, number],
		attrs['filterSize'] as number,
		attrs['strides'] as number,
		1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
	);
}

// Two axes as three, of which the first has one value.
function flat({ shape }: TensorInfo, attrs: NamedAttrMap): Windows {
	const info = poolInfo(shape, attrs);
	const depth = { inDepth: 1, outDepth: 1, strideDepth: 1, filterDepth: 1 };
	return { ...info, ...depth, padInfo: { ...info.padInfo, front: 0 } } as unknown as Windows;
}

function forward(x: TensorInfo, windows: Windows): TensorInfo | undefined {
	const size = sizeOf(windows.outShape);
	if (!areFloat(x) || size === 0) {
		return undefined;
	}
	const out = output(windows.outShape);
	dispatch({
		key: 'max pooling',
		shader: () => `${head(['x f32', 'result f32 read_write'])}
${flatMain('		result[index] = x[chosen(index)];')}`,
		tensors: [x, out],
		uniforms: [{ u32: size }, ...valuesOf(windows)],
		groups: flatGroups(size),
	});
	return out;
}

function backward(dy: TensorInfo, x: TensorInfo, windows: Windows): TensorInfo | undefined {
	const size = sizeOf(x.shape);
	if (!areFloat(dy, x) || size === 0 || sizeOf(dy.shape) === 0) {
		return undefined;
	}
	const out = output(x.shape);
	dispatch({
		key: 'max pooling, gradient',
		shader: () => `${head(['x f32', 'dy f32', 'result f32 read_write'])}
${gathered}`,
		tensors: [x, dy, out],
		uniforms: [{ u32: size }, ...valuesOf(windows)],
		groups: flatGroups(size),
	});
	return out;
}

const fields = [
	'inDepth',
	'inHeight',
	'inWidth',
	'inChannels',
	'outDepth',
	'outHeight',
	'outWidth',
	'filterDepth',
	'filterHeight',
	'filterWidth',
	'strideDepth',
	'strideHeight',
	'strideWidth',
] as const;
const names = [...fields, 'front', 'top', 'left'];

function valuesOf(windows: Windows): Uniform[] {
	const { front, top, left } = windows.padInfo;
	return [...fields.map((field) => windows[field]), front, top, left].map((i32) => ({ i32 }));
}

// `chosen`: the place in x of the largest value that the window of an output sees.
const head = (
	tensors: readonly string[],
) => `${declarations(tensors, ['size: u32', ...names.map((name) => `${name}: i32`)])}
${isNaNFunction}
fn chosen(window: u32) -> u32 {
	let channel = i32(window) % uniforms.inChannels;
	let column = i32(window) / uniforms.inChannels;
	let row = column / uniforms.outWidth;
	let layer = row / uniforms.outHeight;
	let n = layer / uniforms.outDepth;
	let near = layer % uniforms.outDepth * uniforms.strideDepth - uniforms.front;
	let top = row % uniforms.outHeight * uniforms.strideHeight - uniforms.top;
	let left = column % uniforms.outWidth * uniforms.strideWidth - uniforms.left;
	var best = 0f;
	var place = -1;
	for (var z = max(near, 0); z < min(near + uniforms.filterDepth, uniforms.inDepth); z++) {
		for (var y = max(top, 0); y < min(top + uniforms.filterHeight, uniforms.inHeight); y++) {
			for (var v = max(left, 0); v < min(left + uniforms.filterWidth, uniforms.inWidth); v++) {
				let here = (((n * uniforms.inDepth + z) * uniforms.inHeight + y) * uniforms.inWidth + v) * uniforms.inChannels + channel;
				let value = x[here];
				if (place < 0 || (!isNaN(best) && (value > best || isNaN(value)))) { best = value; place = here; }
			}
		}
	}
	return u32(max(place, 0));
}`;

// Each value gathers from the windows that chose it.
const gathered = `
fn first(place: i32, reach: i32, stride: i32) -> i32 { return select(0, (place - reach) / stride + 1, place >= reach); }
${flatMain(`
		let at = i32(index);
		let channel = at % uniforms.inChannels;
		let v = at / uniforms.inChannels % uniforms.inWidth + uniforms.left;
		let y = at / uniforms.inChannels / uniforms.inWidth % uniforms.inHeight + uniforms.top;
		let layer = at / uniforms.inChannels / uniforms.inWidth / uniforms.inHeight;
		let z = layer % uniforms.inDepth + uniforms.front;
		let n = layer / uniforms.inDepth;
		var total = 0f;
		for (var a = first(z, uniforms.filterDepth, uniforms.strideDepth); a <= min(z / uniforms.strideDepth, uniforms.outDepth - 1); a++) {
			for (var b = first(y, uniforms.filterHeight, uniforms.strideHeight); b <= min(y / uniforms.strideHeight, uniforms.outHeight - 1); b++) {
				for (var c = first(v, uniforms.filterWidth, uniforms.strideWidth); c <= min(v / uniforms.strideWidth, uniforms.outWidth - 1); c++) {
					let window = u32((((n * uniforms.outDepth + a) * uniforms.outHeight + b) * uniforms.outWidth + c) * uniforms.inChannels + channel);
					if (chosen(window) == index) { total += dy[window]; }
				}
			}
		}
		result[index] = total;`)}`;
