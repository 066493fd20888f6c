import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';

export type ConvInfo = backend_util.Conv2DInfo;
export type Shape4 = [number, number, number, number];

// MOST_TAPS and WORK_FLOATS of kernels/conv.h.
const mostTaps = 1024;
const workFloats = 24576;

/** The geometry of a convolution of these shapes with these attributes; NHWC. */
export function convInfo(inShape: unknown, filterShape: unknown, attrs: NamedAttrMap, depthwise = false): ConvInfo {
	return tf.backend_util.computeConv2DInfo(
		inShape as Shape4,
		filterShape as Shape4,
		attrs['strides'] as number,
		(attrs['dilations'] as number | undefined) ?? 1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
		depthwise,
		'channelsLast',
	);
}

/** The geometry of a pooling. */
export function poolInfo(shape: readonly number[], attrs: NamedAttrMap): ConvInfo {
	return tf.backend_util.computePool2DInfo(
		shape as Shape4,
		attrs['filterSize'] as number,
		attrs['strides'] as number,
		(attrs['dilations'] as number | undefined) ?? 1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
	);
}

export type DilationInfo = ReturnType<typeof backend_util.computeDilation2DInfo>;

/** The geometry of a morphological dilation. */
export function dilationInfo(shape: readonly number[], filter: readonly number[], attrs: NamedAttrMap): DilationInfo {
	return tf.backend_util.computeDilation2DInfo(
		shape as Shape4,
		filter as [number, number, number],
		attrs['strides'] as number,
		attrs['pad'] as 'same',
		'NHWC',
		attrs['dilations'] as number,
	);
}

/** Whether our kernels take this geometry: channels last, a sensible number of taps. */
export function isOurs(info: ConvInfo, attrs: NamedAttrMap): boolean {
	const { dataFormat } = attrs as { dataFormat?: string };
	return (dataFormat == null || dataFormat === 'NHWC') && info.filterHeight * info.filterWidth <= mostTaps;
}

/** The words of Shape in kernels/conv.h. */
export function shapeWords(i: ConvInfo): number[] {
	return [
		i.batchSize,
		i.inHeight,
		i.inWidth,
		i.inChannels,
		i.outHeight,
		i.outWidth,
		i.outChannels,
		i.filterHeight,
		i.filterWidth,
		i.strideHeight,
		i.strideWidth,
		i.dilationHeight,
		i.dilationWidth,
		i.padInfo.top,
		i.padInfo.left,
	];
}

/** Multiplications of a forward pass. */
export function convWork(i: ConvInfo): number {
	const perPixel = i.filterHeight * i.filterWidth * i.inChannels * i.outChannels;
	return i.batchSize * i.outHeight * i.outWidth * perPixel;
}

/** A plan for one pass: how many units it has and how many floats of work space each needs. */
export interface Plan {
	readonly units: number;
	readonly scratch: number;
}

/** As `conv` in kernels/conv.h cuts its work. */
export function forwardPlan(i: ConvInfo): Plan {
	const width = paddedWidth(i);
	const reach = (i.filterHeight - 1) * i.dilationHeight;
	const budget = Math.trunc(workFloats / (width * i.inChannels));
	const rows = clamp(Math.trunc((budget - reach - 1) / i.strideHeight) + 1, i.outHeight);
	return {
		units: i.batchSize * Math.ceil(i.outHeight / rows),
		scratch: ((rows - 1) * i.strideHeight + reach + 1) * width * i.inChannels,
	};
}

/** As `conv_input` does. */
export function inputPlan(i: ConvInfo): Plan {
	const reach = (i.filterHeight - 1) * i.dilationHeight;
	const first = Math.floor((i.padInfo.left - (i.filterWidth - 1) * i.dilationWidth) / i.strideWidth);
	const left = Math.max(0, -first);
	const width = left + Math.trunc((i.inWidth - 1 + i.padInfo.left) / i.strideWidth) + 1;
	const budget = Math.trunc(workFloats / (width * i.outChannels));
	const rows = clamp((budget - 1) * i.strideHeight - reach, i.inHeight);
	const outRows = Math.ceil((rows + reach) / i.strideHeight) + 1;
	return { units: i.batchSize * Math.ceil(i.inHeight / rows), scratch: outRows * width * i.outChannels };
}

/** As `conv_filter` does; `parts` sums are made and then added up in order. */
export function filterPlan(i: ConvInfo, tileColumns: number): Plan & { parts: number; groups: number; size: number } {
	const size = i.filterHeight * i.filterWidth * i.inChannels * i.outChannels;
	const rows = clamp(Math.trunc(128 / i.outWidth), i.outHeight);
	const chunks = i.batchSize * Math.ceil(i.outHeight / rows);
	const parts = partsFor(chunks, size);
	const groups = parts < 8 ? i.filterHeight : 1;
	const reach = (i.filterHeight - 1) * i.dilationHeight;
	const columns = Math.ceil(i.outChannels / tileColumns) * tileColumns;
	const scratch =
		((rows - 1) * i.strideHeight + reach + 1) * paddedWidth(i) * i.inChannels + rows * i.outWidth * columns;
	return { units: parts * groups, scratch, parts, groups, size };
}

/** How many partial sums of `size` floats to make of `chunks` pieces of work: a fixed number, whatever the threads. */
export function partsFor(chunks: number, size: number): number {
	const mostFloats = 1 << 22;
	return Math.max(1, Math.min(chunks, 16, Math.floor(mostFloats / size)));
}

function paddedWidth(i: ConvInfo): number {
	return (i.outWidth - 1) * i.strideWidth + (i.filterWidth - 1) * i.dilationWidth + 1;
}

function clamp(rows: number, most: number): number {
	return Math.max(1, Math.min(most, rows));
}
