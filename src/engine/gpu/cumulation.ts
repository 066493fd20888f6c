import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';

/** Cumulative sums and products, a thread per line; the stock kernels are wrong for some reversed ones. */
export function defineCumulations(): void {
	defineKernel('Cumsum', ({ x }, attrs) => cumulated(x!, attrs, '+', '0f'));
	defineKernel('Cumprod', ({ x }, attrs) => cumulated(x!, attrs, '*', '1f'));
}

function cumulated(x: TensorInfo, attrs: NamedAttrMap, sign: string, start: string): TensorInfo | undefined {
	const { axis, exclusive, reverse } = attrs as { axis: number; exclusive?: boolean; reverse?: boolean };
	const size = sizeOf(x.shape);
	if (!areFloat(x) || size === 0) {
		return undefined;
	}
	const place = axis < 0 ? axis + x.shape.length : axis;
	const length = x.shape[place] ?? 1;
	const out = output(x.shape);
	dispatch({
		key: `cumulation ${sign}`,
		shader: () => `${declarations(
			['x f32', 'result f32 read_write'],
			['size: u32', 'length: u32', 'step: u32', 'exclusive: u32', 'reverse: u32'],
		)}
${flatMain(`
		let first = index / uniforms.step * uniforms.step * uniforms.length + index % uniforms.step;
		var total = ${start};
		for (var i = 0u; i < uniforms.length; i++) {
			let at = first + select(i, uniforms.length - 1u - i, uniforms.reverse == 1u) * uniforms.step;
			let before = total;
			total = total ${sign} x[at];
			result[at] = select(total, before, uniforms.exclusive == 1u);
		}`)}`,
		tensors: [x, out],
		uniforms: [
			{ u32: size / length },
			{ u32: length },
			{ u32: sizeOf(x.shape.slice(place + 1)) },
			{ u32: exclusive === true ? 1 : 0 },
			{ u32: reverse === true ? 1 : 0 },
		],
		groups: flatGroups(size / length),
	});
	return out;
}
