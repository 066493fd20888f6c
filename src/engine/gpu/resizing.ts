import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';

/** The gradients of resizing with half-pixel centres, a convention that the stock kernels ignore. */
export function defineResizing(): void {
	defineKernel('ResizeBilinearGrad', ({ images, dy }, attrs) => gathered(images!, dy!, attrs, true));
	defineKernel('ResizeNearestNeighborGrad', ({ images, dy }, attrs) => gathered(images!, dy!, attrs, false));
}

function gathered(images: TensorInfo, dy: TensorInfo, attrs: NamedAttrMap, bilinear: boolean): TensorInfo | undefined {
	const size = sizeOf(images.shape);
	if (attrs['halfPixelCenters'] !== true || !areFloat(images, dy) || size === 0) {
		return undefined;
	}
	const out = output(images.shape);
	const [, height, width, channels] = images.shape as [number, number, number, number];
	const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
	dispatch({
		key: `resize gradient ${bilinear}`,
		shader: () => shader(bilinear),
		tensors: [dy, out],
		uniforms: [
			{ u32: size },
			...[height, width, channels, outHeight, outWidth].map((i32) => ({ i32 })),
			{ f32: height / outHeight },
			{ f32: width / outWidth },
		],
		groups: flatGroups(size),
	});
	return out;
}

// `share`: how much of the pixel `own` an output pixel holds, along one axis. Each pixel gathers from every output pixel
// that holds some of it.
const bilinearShare = `
	let place = (f32(i) + 0.5f) * ratio - 0.5f;
	let below = floor(place);
	let part = place - below;
	let first = select(0f, 1f - part, clamp(i32(below), 0, length - 1) == own);
	return first + select(0f, part, clamp(i32(ceil(place)), 0, length - 1) == own);`;
const nearestShare = 'return select(0f, 1f, clamp(i32(floor((f32(i) + 0.5f) * ratio)), 0, length - 1) == own);';

const shader = (bilinear: boolean) => `${declarations(
	['dy f32', 'result f32 read_write'],
	[
		'size: u32',
		...['height', 'width', 'channels', 'outHeight', 'outWidth'].map((name) => `${name}: i32`),
		'down: f32',
		'across: f32',
	],
)}
fn share(i: i32, ratio: f32, own: i32, length: i32) -> f32 { ${bilinear ? bilinearShare : nearestShare} }
${flatMain(`
		let at = i32(index);
		let channel = at % uniforms.channels;
		let x = at / uniforms.channels % uniforms.width;
		let y = at / uniforms.channels / uniforms.width % uniforms.height;
		let n = at / uniforms.channels / uniforms.width / uniforms.height;
		var total = 0f;
		for (var row = 0; row < uniforms.outHeight; row++) {
			let held = share(row, uniforms.down, y, uniforms.height);
			if (held == 0f) { continue; }
			for (var column = 0; column < uniforms.outWidth; column++) {
				let both = held * share(column, uniforms.across, x, uniforms.width);
				if (both != 0f) {
					total += both * dy[((n * uniforms.outHeight + row) * uniforms.outWidth + column) * uniforms.channels + channel];
				}
			}
		}
		result[index] = total;`)}`;
