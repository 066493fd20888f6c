import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvInfo, poolInfo } from '../ops/geometry.ts';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';

/** The gradient of average pooling; the stock one is wrong where windows reach into the padding. */
export function definePooling(): void {
	defineKernel('AvgPoolGrad', ({ dy, input }, attrs) => {
		const ours = areFloat(dy, input) && input!.shape.length === 4 && sizeOf(input!.shape) > 0;
		return ours ? averageGradient(dy!, poolInfo(input!.shape, attrs)) : undefined;
	});
}

const fields = [
	'inHeight',
	'inWidth',
	'inChannels',
	'outHeight',
	'outWidth',
	'filterHeight',
	'filterWidth',
	'strideHeight',
	'strideWidth',
] as const;

function averageGradient(dy: TensorInfo, info: ConvInfo): TensorInfo {
	const out = output(info.inShape);
	const size = sizeOf(info.inShape);
	dispatch({
		key: 'average pooling, gradient',
		shader,
		tensors: [dy, out],
		uniforms: [
			{ u32: size },
			...fields.map((field) => ({ i32: info[field] })),
			{ i32: info.padInfo.top },
			{ i32: info.padInfo.left },
		],
		groups: flatGroups(size),
	});
	return out;
}

// Each pixel gathers from the windows that saw it, each of which divided by the number of pixels it saw.
const shader = () => `${declarations(
	['dy f32', 'result f32 read_write'],
	['size: u32', ...fields.map((field) => `${field}: i32`), 'top: i32', 'left: i32'],
)}
fn seen(first: i32, reach: i32, whole: i32) -> i32 { return min(first + reach, whole) - max(first, 0); }
${flatMain(`
		let at = i32(index);
		let channel = at % uniforms.inChannels;
		let x = at / uniforms.inChannels % uniforms.inWidth;
		let y = at / uniforms.inChannels / uniforms.inWidth % uniforms.inHeight;
		let n = at / uniforms.inChannels / uniforms.inWidth / uniforms.inHeight;
		var total = 0f;
		for (var row = 0; row < uniforms.outHeight; row++) {
			let top = row * uniforms.strideHeight - uniforms.top;
			if (y < top) { break; }
			if (y >= top + uniforms.filterHeight) { continue; }
			for (var column = 0; column < uniforms.outWidth; column++) {
				let left = column * uniforms.strideWidth - uniforms.left;
				if (x < left) { break; }
				if (x >= left + uniforms.filterWidth) { continue; }
				let count = seen(top, uniforms.filterHeight, uniforms.inHeight) * seen(left, uniforms.filterWidth, uniforms.inWidth);
				total += dy[((n * uniforms.outHeight + row) * uniforms.outWidth + column) * uniforms.inChannels + channel] / f32(count);
			}
		}
		result[index] = total;`)}`;
