import type { backend_util } from '@tensorflow/tfjs-core';

type ConvInfo = backend_util.Conv2DInfo;

/** dW[a, b, c, o] = sum over images and output positions of x at the tap's position times dy; NHWC. */
export function conv2dFilterGradient(x: Float32Array, dy: Float32Array, dw: Float32Array, info: ConvInfo): void {
	const { inChannels, outChannels } = info;
	eachTap(info, (tap, xAt, yAt) => {
		for (let c = 0; c < inChannels; c++) {
			const factor = x[xAt * inChannels + c]!;
			const to = (tap * inChannels + c) * outChannels;
			for (let o = 0; o < outChannels; o++) {
				dw[to + o]! += factor * dy[yAt * outChannels + o]!;
			}
		}
	});
}

/** dX of a convolution: every output's gradient handed back through the filter; NHWC. */
export function conv2dInputGradient(dy: Float32Array, w: Float32Array, dx: Float32Array, info: ConvInfo): void {
	const { inChannels, outChannels } = info;
	eachTap(info, (tap, xAt, yAt) => {
		for (let c = 0; c < inChannels; c++) {
			const from = (tap * inChannels + c) * outChannels;
			let sum = 0;
			for (let o = 0; o < outChannels; o++) {
				sum += w[from + o]! * dy[yAt * outChannels + o]!;
			}
			dx[xAt * inChannels + c]! += sum;
		}
	});
}

/** dW[a, b, c, m] of a depthwise convolution with channel multiplier m. */
export function depthwiseFilterGradient(x: Float32Array, dy: Float32Array, dw: Float32Array, info: ConvInfo): void {
	const { inChannels, outChannels } = info;
	const multiplier = outChannels / inChannels;
	eachTap(info, (tap, xAt, yAt) => {
		for (let o = 0; o < outChannels; o++) {
			const c = Math.floor(o / multiplier);
			dw[tap * outChannels + o]! += x[xAt * inChannels + c]! * dy[yAt * outChannels + o]!;
		}
	});
}

/** dX of a depthwise convolution. */
export function depthwiseInputGradient(dy: Float32Array, w: Float32Array, dx: Float32Array, info: ConvInfo): void {
	const { inChannels, outChannels } = info;
	const multiplier = outChannels / inChannels;
	eachTap(info, (tap, xAt, yAt) => {
		for (let o = 0; o < outChannels; o++) {
			const c = Math.floor(o / multiplier);
			dx[xAt * inChannels + c]! += w[tap * outChannels + o]! * dy[yAt * outChannels + o]!;
		}
	});
}

/** The gradient of max pooling: all of a window's gradient goes to its first largest element. */
export function maxPoolGradient(x: Float32Array, dy: Float32Array, dx: Float32Array, info: ConvInfo): void {
	const channels = info.inChannels;
	eachOutput(info, (image, row, column, yAt) => {
		for (let c = 0; c < channels; c++) {
			let best = Number.NEGATIVE_INFINITY;
			let at = -1;
			eachTapOf(info, image, row, column, (_tap, xAt) => {
				const value = x[xAt * channels + c]!;
				if (value > best || at < 0) {
					best = value;
					at = xAt;
				}
			});
			if (at >= 0) {
				dx[at * channels + c]! += dy[yAt * channels + c]!;
			}
		}
	});
}

function eachTap(info: ConvInfo, visit: (tap: number, xAt: number, yAt: number) => void): void {
	eachOutput(info, (image, row, column, yAt) => {
		eachTapOf(info, image, row, column, (tap, xAt) => visit(tap, xAt, yAt));
	});
}

function eachOutput(info: ConvInfo, visit: (image: number, row: number, column: number, yAt: number) => void): void {
	let yAt = 0;
	for (let image = 0; image < info.batchSize; image++) {
		for (let row = 0; row < info.outHeight; row++) {
			for (let column = 0; column < info.outWidth; column++) {
				visit(image, row, column, yAt++);
			}
		}
	}
}

function eachTapOf(
	info: ConvInfo,
	image: number,
	row: number,
	column: number,
	visit: (tap: number, xAt: number) => void,
): void {
	for (let a = 0; a < info.filterHeight; a++) {
		const h = row * info.strideHeight - info.padInfo.top + a * info.dilationHeight;
		if (h < 0 || h >= info.inHeight) {
			continue;
		}
		for (let b = 0; b < info.filterWidth; b++) {
			const w = column * info.strideWidth - info.padInfo.left + b * info.dilationWidth;
			if (w >= 0 && w < info.inWidth) {
				visit(a * info.filterWidth + b, (image * info.inHeight + h) * info.inWidth + w);
			}
		}
	}
}
