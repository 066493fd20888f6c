import type { TensorInfo } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';

/** Sine and cosine in full precision: WGSL promises eleven bits of its own. */
export function defineFunctions(): void {
	defineKernel('Sin', ({ x }) => (areFloat(x) ? turned(x!, 0) : undefined));
	defineKernel('Cos', ({ x }) => (areFloat(x) ? turned(x!, 1) : undefined));
}

function turned(x: TensorInfo, quarters: number): TensorInfo | undefined {
	const size = sizeOf(x.shape);
	if (size === 0) {
		return undefined;
	}
	const out = output(x.shape);
	dispatch({
		key: 'sine',
		shader,
		tensors: [x, out],
		uniforms: [{ u32: size }, { u32: quarters }],
		groups: flatGroups(size),
	});
	return out;
}

// The angle less its nearest multiple of a quarter turn, whose number is taken off in three pieces of few bits each so that
// the products are exact; then Taylor polynomials, whose first neglected terms are below float32's last bit.
const shader = () => `${declarations(['x f32', 'result f32 read_write'], ['size: u32', 'quarters: u32'])}
${flatMain(`
		let angle = x[index];
		let n = round(angle * 0.636619772f);
		var r = fma(-n, 1.5703125f, angle);
		r = fma(-n, 4.837512969970703e-4f, r);
		r = fma(-n, 7.549789954891882e-8f, r);
		let s = r * r;
		let sine = r * (1f + s * (-1.66666667e-1f + s * (8.33333333e-3f + s * (-1.98412698e-4f + s * 2.75573192e-6f))));
		let cosine = 1f + s * (-0.5f + s * (4.16666667e-2f + s * (-1.38888889e-3f + s * (2.48015873e-5f - s * 2.75573192e-7f))));
		let quadrant = (i32(n) + i32(uniforms.quarters)) & 3;
		let value = select(sine, cosine, (quadrant & 1) == 1);
		result[index] = select(value, -value, quadrant >= 2);`)}`;
