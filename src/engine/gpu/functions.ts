import type { TensorInfo } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, callKernel, defineKernel, output, release, sizeOf } from './kernel.ts';
import { isNaNFunction } from './nan.ts';

/** Sine and cosine in full precision, where WGSL promises eleven bits; logarithms and division rounded down. */
export function defineFunctions(): void {
	defineKernel('Sin', ({ x }) => (areFloat(x) ? turned(x!, 0) : undefined));
	defineKernel('Cos', ({ x }) => (areFloat(x) ? turned(x!, 1) : undefined));
	defineKernel('Log', ({ x }) => (areFloat(x) ? logarithm(x!, '') : undefined));
	defineKernel('Log1p', ({ x }) => (areFloat(x) ? logarithm(x!, '1f + ') : undefined));
	defineKernel('FloorDiv', ({ a, b }) => (areFloat(a, b) ? floorDivision(a!, b!) : undefined));
}

// WGSL leaves open what the logarithm of nothing, of less and of NaN is.
function logarithm(x: TensorInfo, more: string): TensorInfo | undefined {
	const size = sizeOf(x.shape);
	if (size === 0) {
		return undefined;
	}
	const out = output(x.shape);
	dispatch({
		key: `logarithm ${more}`,
		shader: () => `${declarations(['x f32', 'result f32 read_write'], ['size: u32'])}
${isNaNFunction}
${flatMain(`
		let a = ${more}x[index];
		var special = 0u;
		if (a < 0f) { special = 0x7fc00000u; }
		if (a == 0f) { special = 0xff800000u; }
		if (isNaN(x[index])) { special = bitcast<u32>(x[index]); }
		result[index] = select(log(a), bitcast<f32>(special), special != 0u);`)}`,
		tensors: [x, out],
		uniforms: [{ u32: size }],
		groups: flatGroups(size),
	});
	return out;
}

// The stock kernel makes whole numbers of it, which know neither NaN nor infinity.
function floorDivision(a: TensorInfo, b: TensorInfo): TensorInfo {
	const quotient = callKernel('RealDiv', { a, b });
	const out = callKernel('Floor', { x: quotient });
	release(quotient);
	return out;
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
