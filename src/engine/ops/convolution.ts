import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { host } from '../wasm-backend.ts';
import { finished } from './activation.ts';
import {
	type ConvInfo,
	convInfo,
	convWork,
	filterPlan,
	forwardPlan,
	inputPlan,
	isOurs,
	partsFor,
	type Shape4,
	shapeWords,
} from './geometry.ts';
import { address, areFloat, defineKernel, filled, output, sizeOf } from './kernel.ts';
import { multiply } from './product.ts';
import { areTame } from './tame.ts';

/** Convolutions, dense and depthwise, and the gradients of both; any stride, padding and dilation. */
export function defineConvolutions(): void {
	defineKernel('Conv2D', ({ x, filter }, attrs) => forward(x!, filter!, attrs));
	defineKernel('FusedConv2D', ({ x, filter, bias, preluActivationWeights }, attrs) => {
		const { activation } = attrs as { activation?: string };
		const fits = bias === undefined || (areFloat(bias) && sizeOf(bias.shape) === filter!.shape[3]);
		const ours = fits && preluActivationWeights === undefined && ['linear', 'relu'].includes(activation ?? 'linear');
		if (ours) {
			return forward(x!, filter!, attrs, bias, activation === 'relu');
		}
		const sum = areTame(x, filter, bias) ? undefined : forward(x!, filter!, attrs);
		return sum && finished(sum, bias, preluActivationWeights, attrs);
	});
	defineKernel('Conv2DBackpropInput', ({ dy, filter }, attrs) => {
		const info = convInfo(attrs['inputShape'], filter!.shape, attrs);
		return isOurs(info, attrs) && areFloat(dy, filter) ? inputGradient(dy!, filter!, info) : undefined;
	});
	defineKernel('Conv2DBackpropFilter', ({ x, dy }, attrs) => {
		const info = convInfo(x!.shape, attrs['filterShape'], attrs);
		return isOurs(info, attrs) && areFloat(x, dy) ? filterGradient(x!, dy!, info) : undefined;
	});
	defineDepthwise();
}

function forward(x: TensorInfo, filter: TensorInfo, attrs: NamedAttrMap, bias?: TensorInfo, relu = false) {
	const info = convInfo(x.shape, filter.shape, attrs);
	if (!isOurs(info, attrs) || !areFloat(x, filter)) {
		return undefined;
	}
	const out = output(info.outShape);
	const biasAt = bias ? address(bias) : 0;
	if (isPointwise(info)) {
		multiply({
			a: address(x),
			b: address(filter),
			out: address(out),
			bias: biasAt,
			relu,
			m: info.batchSize * info.outHeight * info.outWidth,
			n: info.outChannels,
			k: info.inChannels,
			transposeA: false,
			transposeB: false,
		});
		return out;
	}
	const terms = info.filterHeight * info.filterWidth * info.inChannels;
	const panels = Math.ceil(info.outChannels / host().runner.tileColumns);
	const packed = packedSpace(panels * terms);
	host().call(
		'pack',
		[packed, address(filter), terms, info.outChannels, info.outChannels, 1, 0],
		panels,
		sizeOf(filter.shape),
	);
	const plan = forwardPlan(info);
	host().reserve(plan.scratch);
	const words = [address(x), packed, address(out), ...shapeWords(info), biasAt, relu ? 1 : 0];
	host().call('conv', words, plan.units, convWork(info));
	return out;
}

function inputGradient(dy: TensorInfo, filter: TensorInfo, info: ConvInfo): TensorInfo {
	const out = output(info.inShape);
	if (isPointwise(info)) {
		multiply({
			a: address(dy),
			b: address(filter),
			out: address(out),
			m: info.batchSize * info.outHeight * info.outWidth,
			n: info.inChannels,
			k: info.outChannels,
			transposeA: false,
			transposeB: true,
		});
		return out;
	}
	const taps = info.filterHeight * info.filterWidth;
	const panels = Math.ceil(info.inChannels / host().runner.tileColumns);
	const packed = packedSpace(panels * taps * info.outChannels);
	const words = [packed, address(filter), taps, info.inChannels, info.outChannels];
	host().call('pack_taps', words, panels, sizeOf(filter.shape));
	const plan = inputPlan(info);
	host().reserve(plan.scratch);
	host().call('conv_input', [address(dy), packed, address(out), ...shapeWords(info)], plan.units, convWork(info));
	return out;
}

function filterGradient(x: TensorInfo, dy: TensorInfo, info: ConvInfo): TensorInfo {
	if (sizeOf(dy.shape) === 0) {
		return filled(info.filterShape, 0);
	}
	const out = output(info.filterShape);
	const plan = filterPlan(info, host().runner.tileColumns);
	host().reserve(plan.scratch);
	const to = plan.parts === 1 ? address(out) : host().space('parts', plan.parts * plan.size * 4);
	const words = [address(x), address(dy), to, ...shapeWords(info), plan.parts, plan.groups];
	host().call('conv_filter', words, plan.units, convWork(info));
	addParts(to, address(out), plan.size, plan.parts);
	return out;
}

function addParts(from: number, to: number, size: number, parts: number): void {
	if (parts > 1) {
		host().call('add_parts', [from, to, size, parts], Math.ceil(size / 1024), size * parts);
	}
}

function isPointwise(i: ConvInfo): boolean {
	const { top, left, bottom, right } = i.padInfo;
	const padded = top + left + bottom + right !== 0;
	return i.filterHeight * i.filterWidth * i.strideHeight * i.strideWidth === 1 && !padded;
}

function packedSpace(rows: number): number {
	return host().space('packed', Math.max(4, rows * host().runner.tileColumns * 4));
}

function defineDepthwise(): void {
	defineKernel('DepthwiseConv2dNative', ({ x, filter }, attrs) => depthwiseForward(x!, filter!, attrs));
	defineKernel('FusedDepthwiseConv2D', ({ x, filter, bias, preluActivationWeights }, attrs) => {
		const sum = areTame(x, filter, bias) ? undefined : depthwiseForward(x!, filter!, attrs);
		return sum && finished(sum, bias, preluActivationWeights, attrs);
	});
	defineKernel('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attrs) => {
		const info = convInfo(attrs['inputShape'], filter!.shape, attrs, true);
		const words = (out: TensorInfo) => [address(dy!), address(filter!), address(out), ...shapeWords(info)];
		return depthwise('depthwise_input', info, attrs, info.inShape, info.batchSize * info.inHeight, words, dy!, filter!);
	});
	defineKernel('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attrs) => {
		const info = convInfo(x!.shape, attrs['filterShape'], attrs, true);
		return isOurs(info, attrs) && areFloat(x, dy)
			? depthwiseFilter(x!, dy!, info, attrs['filterShape'] as Shape4)
			: undefined;
	});
}

function depthwiseForward(x: TensorInfo, filter: TensorInfo, attrs: NamedAttrMap): TensorInfo | undefined {
	const info = convInfo(x.shape, filter.shape, attrs, true);
	const words = (out: TensorInfo) => [address(x), address(filter), address(out), ...shapeWords(info)];
	return depthwise('depthwise', info, attrs, info.outShape, info.batchSize * info.outHeight, words, x, filter);
}

function depthwise(
	kernel: 'depthwise' | 'depthwise_input',
	info: ConvInfo,
	attrs: NamedAttrMap,
	shape: number[],
	units: number,
	words: (out: TensorInfo) => number[],
	...inputs: TensorInfo[]
): TensorInfo | undefined {
	if (!isOurs(info, attrs) || !areFloat(...inputs)) {
		return undefined;
	}
	const out = output(shape);
	host().call(kernel, words(out), units, convWork(info) / info.inChannels);
	return out;
}

function depthwiseFilter(x: TensorInfo, dy: TensorInfo, info: ConvInfo, shape: Shape4): TensorInfo {
	if (sizeOf(dy.shape) === 0) {
		return filled(shape, 0);
	}
	const out = output(shape);
	const size = sizeOf(shape);
	const parts = partsFor(info.batchSize * info.outHeight, size);
	const to = parts === 1 ? address(out) : host().space('parts', parts * size * 4);
	const words = [address(x), address(dy), to, ...shapeWords(info), parts];
	host().call('depthwise_filter', words, parts, convWork(info) / info.inChannels);
	addParts(to, address(out), size, parts);
	return out;
}
