import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvInfo, convInfo } from '../ops/geometry.ts';
import type { Uniform } from './dispatch.ts';
import { areFloat, defineKernel, sizeOf } from './kernel.ts';
import { multiply } from './tile.ts';

/**
 * The gradients of a convolution, of any stride, padding and dilation, and the forward pass of a single image. The stock
 * filter gradient has one thread per weight, which goes over the whole batch; the stock forward pass of one image may add
 * with atomics, in an order that changes from run to run.
 */
export function defineConvolutions(): void {
	defineKernel('Conv2D', ({ x, filter }, attrs) => forward(x!, filter!, undefined, attrs, false));
	defineKernel('FusedConv2D', ({ x, filter, bias, preluActivationWeights }, attrs) => {
		const activation = (attrs['activation'] as string | undefined) ?? 'linear';
		const fits = bias === undefined || (areFloat(bias) && sizeOf(bias.shape) === filter!.shape[3]);
		const ours = fits && preluActivationWeights === undefined && ['linear', 'relu'].includes(activation);
		return ours ? forward(x!, filter!, bias, attrs, activation === 'relu') : undefined;
	});
	defineKernel('Conv2DBackpropFilter', ({ x, dy }, attrs) => {
		const info = convInfo(x!.shape, attrs['filterShape'], attrs);
		return isOurs(attrs, x, dy) ? filterGradient(x!, dy!, info) : undefined;
	});
	defineKernel('Conv2DBackpropInput', ({ dy, filter }, attrs) => {
		const info = convInfo(attrs['inputShape'], filter!.shape, attrs);
		return isOurs(attrs, dy, filter) ? inputGradient(dy!, filter!, info) : undefined;
	});
}

function isOurs(attrs: NamedAttrMap, ...tensors: Array<TensorInfo | undefined>): boolean {
	const { dataFormat } = attrs as { dataFormat?: string };
	return (dataFormat == null || dataFormat === 'NHWC') && areFloat(...tensors);
}

function forward(
	x: TensorInfo,
	filter: TensorInfo,
	bias: TensorInfo | undefined,
	attrs: NamedAttrMap,
	relu: boolean,
): TensorInfo | undefined {
	if (!isOurs(attrs, x, filter)) {
		return undefined;
	}
	const info = convInfo(x.shape, filter.shape, attrs);
	const asProduct = info.outHeight * info.outWidth === 1;
	if (info.batchSize > 1 && !asProduct) {
		return undefined;
	}
	return multiply({
		key: 'convolution',
		operands: `${geometry}
fn left(batch: u32, row: u32, k: u32) -> f32 { return image(row, k / uniforms.inputs, k % uniforms.inputs); }
fn right(batch: u32, k: u32, column: u32) -> f32 { return b[k * uniforms.n + column]; }`,
		leftRuns: 'k',
		rightRuns: 'column',
		a: x,
		b: filter,
		names,
		values: valuesOf(info),
		batches: 1,
		m: info.batchSize * info.outHeight * info.outWidth,
		n: info.outChannels,
		k: info.filterHeight * info.filterWidth * info.inChannels,
		shape: info.outShape,
		bias,
		relu,
	});
}

function filterGradient(x: TensorInfo, dy: TensorInfo, info: ConvInfo): TensorInfo {
	return multiply({
		key: 'convolution, filter gradient',
		operands: `${geometry}
fn left(batch: u32, row: u32, k: u32) -> f32 { return image(k, row / uniforms.inputs, row % uniforms.inputs); }
fn right(batch: u32, k: u32, column: u32) -> f32 { return b[k * uniforms.n + column]; }`,
		leftRuns: 'row',
		rightRuns: 'column',
		a: x,
		b: dy,
		names,
		values: valuesOf(info),
		batches: 1,
		m: info.filterHeight * info.filterWidth * info.inChannels,
		n: info.outChannels,
		k: info.batchSize * info.outHeight * info.outWidth,
		shape: info.filterShape,
	});
}

function inputGradient(dy: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo {
	return multiply({
		key: 'convolution, input gradient',
		operands: `${geometry}
fn left(batch: u32, row: u32, k: u32) -> f32 { return slope(row, k / uniforms.outputs, k % uniforms.outputs); }
fn right(batch: u32, k: u32, column: u32) -> f32 {
	return b[(k / uniforms.outputs * uniforms.n + column) * uniforms.outputs + k % uniforms.outputs];
}`,
		leftRuns: 'k',
		rightRuns: 'k',
		a: dy,
		b: filter,
		names,
		values: valuesOf(info),
		batches: 1,
		m: info.batchSize * info.inHeight * info.inWidth,
		n: info.inChannels,
		k: info.filterHeight * info.filterWidth * info.outChannels,
		shape: info.inShape,
	});
}

const fields = [
	['inHeight', 'inHeight'],
	['inWidth', 'inWidth'],
	['inputs', 'inChannels'],
	['outHeight', 'outHeight'],
	['outWidth', 'outWidth'],
	['outputs', 'outChannels'],
	['filterWidth', 'filterWidth'],
	['strideHeight', 'strideHeight'],
	['strideWidth', 'strideWidth'],
	['dilationHeight', 'dilationHeight'],
	['dilationWidth', 'dilationWidth'],
] as const;

const names = [...fields.map(([name]) => `${name}: u32`), 'top: i32', 'left: i32'];

function valuesOf(info: ConvInfo): Uniform[] {
	const { top, left } = info.padInfo;
	return [...fields.map(([, field]) => ({ u32: info[field] })), { i32: top }, { i32: left }];
}

// `image`: the pixel that a tap meets at an output position, 0 beyond the edge. `slope`: the gradient of the output that
// a pixel reached through a tap, 0 where it reached none.
const geometry = `
fn image(position: u32, tap: u32, channel: u32) -> f32 {
	let column = position % uniforms.outWidth;
	let rest = position / uniforms.outWidth;
	let y = i32(rest % uniforms.outHeight * uniforms.strideHeight + tap / uniforms.filterWidth * uniforms.dilationHeight) - uniforms.top;
	let x = i32(column * uniforms.strideWidth + tap % uniforms.filterWidth * uniforms.dilationWidth) - uniforms.left;
	if (y < 0 || x < 0 || u32(y) >= uniforms.inHeight || u32(x) >= uniforms.inWidth) { return 0f; }
	let n = rest / uniforms.outHeight;
	return a[((n * uniforms.inHeight + u32(y)) * uniforms.inWidth + u32(x)) * uniforms.inputs + channel];
}

fn slope(position: u32, tap: u32, channel: u32) -> f32 {
	let column = position % uniforms.inWidth;
	let rest = position / uniforms.inWidth;
	let y = i32(rest % uniforms.inHeight) + uniforms.top - i32(tap / uniforms.filterWidth * uniforms.dilationHeight);
	let x = i32(column) + uniforms.left - i32(tap % uniforms.filterWidth * uniforms.dilationWidth);
	if (y < 0 || x < 0 || u32(y) % uniforms.strideHeight != 0u || u32(x) % uniforms.strideWidth != 0u) { return 0f; }
	let outY = u32(y) / uniforms.strideHeight;
	let outX = u32(x) / uniforms.strideWidth;
	if (outY >= uniforms.outHeight || outX >= uniforms.outWidth) { return 0f; }
	let n = rest / uniforms.inHeight;
	return a[((n * uniforms.outHeight + outY) * uniforms.outWidth + outX) * uniforms.outputs + channel];
}`;
