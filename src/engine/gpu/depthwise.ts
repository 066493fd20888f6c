import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvInfo, convInfo } from '../ops/geometry.ts';
import { declarations, dispatch, flatGroups, flatMain, type Uniform } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';
import { addParts } from './tile.ts';

/** The gradients of a depthwise convolution, dilated ones too; the filter's has as many threads as a GPU wants. */
export function defineDepthwise(): void {
	defineKernel('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attrs) => {
		const info = convInfo(attrs['inputShape'], filter!.shape, attrs, true);
		return isOurs(attrs, dy!, filter!) ? inputGradient(dy!, filter!, info) : undefined;
	});
	defineKernel('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attrs) => {
		const info = convInfo(x!.shape, attrs['filterShape'], attrs, true);
		return isOurs(attrs, x!, dy!) ? filterGradient(x!, dy!, info, attrs['filterShape'] as number[]) : undefined;
	});
}

function isOurs(attrs: NamedAttrMap, ...tensors: TensorInfo[]): boolean {
	const { dataFormat } = attrs as { dataFormat?: string };
	const whole = tensors.every(({ shape }) => sizeOf(shape) > 0);
	return (dataFormat == null || dataFormat === 'NHWC') && whole && areFloat(...tensors);
}

function inputGradient(dy: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo {
	const out = output(info.inShape);
	const size = sizeOf(info.inShape);
	dispatch({
		key: 'depthwise, input gradient',
		shader: inputShader,
		tensors: [dy, filter, out],
		uniforms: [{ u32: size }, ...valuesOf(info)],
		groups: flatGroups(size),
	});
	return out;
}

const lanes = 8;
const width = 32;

function filterGradient(x: TensorInfo, dy: TensorInfo, info: ConvInfo, shape: readonly number[]): TensorInfo {
	const size = sizeOf(shape);
	const positions = info.batchSize * info.outHeight * info.outWidth;
	const taps = info.filterHeight * info.filterWidth;
	const blocks = Math.ceil(info.outChannels / width);
	// The shape alone says how many parts there are; see tile.ts.
	const parts = Math.max(1, Math.min(Math.ceil(256 / (taps * blocks)), Math.floor(positions / 256)));
	const per = Math.ceil(positions / parts);
	const out = output(parts === 1 ? shape : [parts, size]);
	dispatch({
		key: 'depthwise, filter gradient',
		shader: filterShader,
		tensors: [x, dy, out],
		uniforms: [{ u32: positions }, ...valuesOf(info), { u32: per }],
		groups: [blocks, taps, parts],
	});
	return parts === 1 ? out : addParts(out, { parts, size, n: size, shape, bias: undefined, relu: false });
}

const fields = [
	['inHeight', 'inHeight'],
	['inWidth', 'inWidth'],
	['inputs', 'inChannels'],
	['outHeight', 'outHeight'],
	['outWidth', 'outWidth'],
	['outputs', 'outChannels'],
	['filterHeight', 'filterHeight'],
	['filterWidth', 'filterWidth'],
	['strideHeight', 'strideHeight'],
	['strideWidth', 'strideWidth'],
	['dilationHeight', 'dilationHeight'],
	['dilationWidth', 'dilationWidth'],
] as const;

const names = [...fields.map(([name]) => `${name}: i32`), 'top: i32', 'left: i32'];

function valuesOf(info: ConvInfo): Uniform[] {
	const { top, left } = info.padInfo;
	return [...fields.map(([, field]) => ({ i32: info[field] })), { i32: top }, { i32: left }];
}

const inputShader = () => `${declarations(['dy f32', 'weights f32', 'result f32 read_write'], ['size: u32', ...names])}
${flatMain(`
		let at = i32(index);
		let channel = at % uniforms.inputs;
		let x = at / uniforms.inputs % uniforms.inWidth;
		let y = at / uniforms.inputs / uniforms.inWidth % uniforms.inHeight;
		let n = at / uniforms.inputs / uniforms.inWidth / uniforms.inHeight;
		let multiplier = uniforms.outputs / uniforms.inputs;
		var total = 0f;
		for (var a = 0; a < uniforms.filterHeight; a++) {
			let row = y + uniforms.top - a * uniforms.dilationHeight;
			if (row < 0 || row % uniforms.strideHeight != 0 || row / uniforms.strideHeight >= uniforms.outHeight) { continue; }
			for (var b = 0; b < uniforms.filterWidth; b++) {
				let column = x + uniforms.left - b * uniforms.dilationWidth;
				if (column < 0 || column % uniforms.strideWidth != 0 || column / uniforms.strideWidth >= uniforms.outWidth) { continue; }
				let place = (n * uniforms.outHeight + row / uniforms.strideHeight) * uniforms.outWidth + column / uniforms.strideWidth;
				for (var m = 0; m < multiplier; m++) {
					let output = channel * multiplier + m;
					total += dy[place * uniforms.outputs + output] * weights[(a * uniforms.filterWidth + b) * uniforms.outputs + output];
				}
			}
		}
		result[index] = total;`)}`;

// A row of threads per 32 channels of one tap, eight rows that each take every eighth position; their sums are added in
// order.
const filterShader = () => `${declarations(
	['x f32', 'dy f32', 'result f32 read_write'],
	['positions: u32', ...names, 'per: u32'],
)}
var<workgroup> sums: array<array<f32, ${width}>, ${lanes}>;

@compute @workgroup_size(${width}, ${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
	let output = i32(group.x * ${width}u + local.x);
	let channel = output / (uniforms.outputs / uniforms.inputs);
	let a = i32(group.y) / uniforms.filterWidth;
	let b = i32(group.y) % uniforms.filterWidth;
	var total = 0f;
	if (output < uniforms.outputs) {
		let end = min(uniforms.positions, (group.z + 1u) * uniforms.per);
		for (var position = group.z * uniforms.per + local.y; position < end; position += ${lanes}u) {
			let p = i32(position);
			let y = p / uniforms.outWidth % uniforms.outHeight * uniforms.strideHeight + a * uniforms.dilationHeight - uniforms.top;
			let v = p % uniforms.outWidth * uniforms.strideWidth + b * uniforms.dilationWidth - uniforms.left;
			if (y < 0 || v < 0 || y >= uniforms.inHeight || v >= uniforms.inWidth) { continue; }
			let n = p / uniforms.outWidth / uniforms.outHeight;
			total += x[((n * uniforms.inHeight + y) * uniforms.inWidth + v) * uniforms.inputs + channel] * dy[p * uniforms.outputs + output];
		}
	}
	sums[local.y][local.x] = total;
	workgroupBarrier();
	if (local.y == 0u && output < uniforms.outputs) {
		var whole = 0f;
		for (var lane = 0u; lane < ${lanes}u; lane++) { whole += sums[lane][local.x]; }
		result[(i32(group.z) * uniforms.filterHeight * uniforms.filterWidth + i32(group.y)) * uniforms.outputs + output] = whole;
	}
}`;
