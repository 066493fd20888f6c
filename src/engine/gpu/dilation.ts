import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { type DilationInfo, dilationInfo } from '../ops/geometry.ts';
import { declarations, dispatch, flatGroups, flatMain, type Uniform } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';
import { isNaNFunction } from './nan.ts';

/**
 * Morphological dilation: the largest sum of a pixel and its tap. NaN is larger than anything, where the stock kernel
 * drops it; the gradients go to the first of equal sums, without atomics, in a fixed order.
 */
export function defineDilation(): void {
	defineKernel('Dilation2D', ({ x, filter }, attrs) => {
		const info = dilationInfo(x!.shape, filter!.shape, attrs);
		return run('dilation', forward, info.outShape, [x!, filter!], info);
	});
	defineKernel('Dilation2DBackpropInput', ({ x, filter, dy }, attrs) => backward('x', x!, filter!, dy!, attrs));
	defineKernel('Dilation2DBackpropFilter', ({ x, filter, dy }, attrs) => backward('filter', x!, filter!, dy!, attrs));
}

function backward(
	of: 'x' | 'filter',
	x: TensorInfo,
	filter: TensorInfo,
	dy: TensorInfo,
	attrs: NamedAttrMap,
): TensorInfo | undefined {
	const info = dilationInfo(x.shape, filter.shape, attrs);
	const shape = of === 'x' ? x.shape : filter.shape;
	return run(`dilation, gradient of ${of}`, of === 'x' ? ofInput : ofFilter, shape, [x, filter, dy], info);
}

function run(
	key: string,
	body: string,
	shape: readonly number[],
	tensors: TensorInfo[],
	info: DilationInfo,
): TensorInfo | undefined {
	const size = sizeOf(shape);
	if (!areFloat(...tensors) || tensors.some((tensor) => sizeOf(tensor.shape) === 0) || size === 0) {
		return undefined;
	}
	const out = output(shape);
	const read = ['x f32', 'weights f32', 'dy f32'].slice(0, tensors.length);
	dispatch({
		key,
		shader:
			() => `${declarations([...read, 'result f32 read_write'], ['size: u32', ...names.map((name) => `${name}: i32`)])}
${isNaNFunction}
${chosen}
${flatMain(body)}`,
		tensors: [...tensors, out],
		uniforms: [{ u32: size }, ...valuesOf(info)],
		groups: flatGroups(size),
	});
	return out;
}

const fields = [
	'batchSize',
	'inHeight',
	'inWidth',
	'inChannels',
	'outHeight',
	'outWidth',
	'filterHeight',
	'filterWidth',
	'strideHeight',
	'strideWidth',
	'dilationHeight',
	'dilationWidth',
] as const;
const names = [...fields, 'top', 'left'];

function valuesOf(info: DilationInfo): Uniform[] {
	const { top, left } = info.padInfo;
	return [...fields.map((field) => info[field]), top, left].map((i32) => ({ i32 }));
}

// The places in x and among the weights of an output's largest sum; less than 0 where its window sees nothing.
const chosen = `
fn chosen(window: i32) -> vec2i {
	let channel = window % uniforms.inChannels;
	let column = window / uniforms.inChannels;
	let row = column / uniforms.outWidth;
	let n = row / uniforms.outHeight;
	var best = 0f;
	var places = vec2i(-1, -1);
	for (var a = 0; a < uniforms.filterHeight; a++) {
		let y = row % uniforms.outHeight * uniforms.strideHeight - uniforms.top + a * uniforms.dilationHeight;
		if (y < 0 || y >= uniforms.inHeight) { continue; }
		for (var b = 0; b < uniforms.filterWidth; b++) {
			let v = column % uniforms.outWidth * uniforms.strideWidth - uniforms.left + b * uniforms.dilationWidth;
			if (v < 0 || v >= uniforms.inWidth) { continue; }
			let pixel = ((n * uniforms.inHeight + y) * uniforms.inWidth + v) * uniforms.inChannels + channel;
			let tap = (a * uniforms.filterWidth + b) * uniforms.inChannels + channel;
			let value = x[pixel] + weights[tap];
			if (places.x < 0 || (!isNaN(best) && (value > best || isNaN(value)))) { best = value; places = vec2i(pixel, tap); }
		}
	}
	return places;
}`;

const forward = `
		let places = chosen(i32(index));
		var nothing = 0xff800000u;
		result[index] = bitcast<f32>(nothing);
		if (places.x >= 0) { result[index] = x[places.x] + weights[places.y]; }`;

// A pixel asks the windows that see it through each tap.
const ofInput = `
		let at = i32(index);
		let channel = at % uniforms.inChannels;
		let v = at / uniforms.inChannels % uniforms.inWidth + uniforms.left;
		let y = at / uniforms.inChannels / uniforms.inWidth % uniforms.inHeight + uniforms.top;
		let n = at / uniforms.inChannels / uniforms.inWidth / uniforms.inHeight;
		var total = 0f;
		for (var a = uniforms.filterHeight - 1; a >= 0; a--) {
			let down = y - a * uniforms.dilationHeight;
			let row = down / uniforms.strideHeight;
			if (down < 0 || down % uniforms.strideHeight != 0 || row >= uniforms.outHeight) { continue; }
			for (var b = uniforms.filterWidth - 1; b >= 0; b--) {
				let across = v - b * uniforms.dilationWidth;
				let column = across / uniforms.strideWidth;
				if (across < 0 || across % uniforms.strideWidth != 0 || column >= uniforms.outWidth) { continue; }
				let window = ((n * uniforms.outHeight + row) * uniforms.outWidth + column) * uniforms.inChannels + channel;
				if (chosen(window).x == at) { total += dy[window]; }
			}
		}
		result[index] = total;`;

// A tap asks every window of its channel.
const ofFilter = `
		let at = i32(index);
		let windows = uniforms.batchSize * uniforms.outHeight * uniforms.outWidth * uniforms.inChannels;
		var total = 0f;
		for (var window = at % uniforms.inChannels; window < windows; window += uniforms.inChannels) {
			if (chosen(window).y == at) { total += dy[window]; }
		}
		result[index] = total;`;
