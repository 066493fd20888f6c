import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';
import { isNaNFunction } from './nan.ts';

/** Where the largest values are, the first of equal ones; NaN is larger than anything, and before the smallest, too. */
export function defineExtremes(): void {
	defineKernel('ArgMax', ({ x }, attrs) => extreme(x!, attrs, '>'));
	defineKernel('ArgMin', ({ x }, attrs) => extreme(x!, attrs, '<'));
	defineKernel('TopK', ({ x }, attrs) => largest(x!, attrs['k'] as number));
	defineKernel('Softmax', ({ logits }, attrs, stock) => softmax(logits!, attrs, stock));
}

function extreme(x: TensorInfo, { axis }: NamedAttrMap, sign: '<' | '>'): TensorInfo | undefined {
	const place = tf.util.parseAxisParam(axis as number, x.shape)[0]!;
	const length = x.shape[place] ?? 1;
	const size = sizeOf(x.shape) / length;
	if (!areFloat(x) || !(size > 0)) {
		return undefined;
	}
	const out = output(
		x.shape.filter((_, i) => i !== place),
		'int32',
	);
	dispatch({
		key: `place of the extreme ${sign}`,
		shader: () => `${declarations(['x f32', 'result i32 read_write'], ['size: u32', 'length: u32', 'step: u32'])}
${isNaNFunction}
${flatMain(`
		let first = index / uniforms.step * uniforms.step * uniforms.length + index % uniforms.step;
		var best = x[first];
		var place = 0;
		for (var i = 1u; i < uniforms.length && !isNaN(best); i++) {
			let value = x[first + i * uniforms.step];
			if (value ${sign} best || isNaN(value)) { best = value; place = i32(i); }
		}
		result[index] = place;`)}`,
		tensors: [x, out],
		uniforms: [{ u32: size }, { u32: length }, { u32: sizeOf(x.shape.slice(place + 1)) }],
		groups: flatGroups(size),
	});
	return out;
}

// A thread per row, which goes over it once for each value.
function largest(x: TensorInfo, k: number): TensorInfo[] | undefined {
	const length = x.shape.at(-1)!;
	const rows = sizeOf(x.shape) / length;
	if (!areFloat(x) || !(rows * k > 0)) {
		return undefined;
	}
	const shape = [...x.shape.slice(0, -1), k];
	const [found, places] = [output(shape), output(shape, 'int32')];
	dispatch({
		key: 'largest k',
		shader: () => `${declarations(
			['x f32', 'found f32 read_write', 'places i32 read_write'],
			['size: u32', 'length: u32', 'k: u32'],
		)}
${isNaNFunction}
fn precedes(a: f32, i: u32, b: f32, j: u32) -> bool {
	if (isNaN(a) || isNaN(b)) { return isNaN(a) && (!isNaN(b) || i < j); }
	return a > b || (a == b && i < j);
}
${flatMain(`
		let first = index * uniforms.length;
		var last = 0f;
		var lastPlace = 0u;
		for (var rank = 0u; rank < uniforms.k; rank++) {
			var best = 0f;
			var place = uniforms.length;
			for (var i = 0u; i < uniforms.length; i++) {
				let value = x[first + i];
				let isLeft = rank == 0u || precedes(last, lastPlace, value, i);
				if (isLeft && (place == uniforms.length || precedes(value, i, best, place))) { best = value; place = i; }
			}
			last = best;
			lastPlace = place;
			found[index * uniforms.k + rank] = best;
			places[index * uniforms.k + rank] = i32(place);
		}`)}`,
		tensors: [x, found, places],
		uniforms: [{ u32: rows }, { u32: length }, { u32: k }],
		groups: flatGroups(rows),
	});
	return [found, places];
}

// The stock kernel's, but NaN all over a row that has one, or an infinity, whose share no number is.
function softmax(logits: TensorInfo, attrs: NamedAttrMap, stock: () => TensorInfo): TensorInfo {
	const out = stock();
	const length = logits.shape[attrs['dim'] as number]!;
	const rows = sizeOf(logits.shape) / length;
	if (rows > 0) {
		dispatch({
			key: 'softmax of NaN',
			shader: () => `${declarations(['x f32', 'result f32 read_write'], ['size: u32', 'length: u32'])}
${flatMain(`
		var broken = 0u;
		for (var i = index * uniforms.length; i < (index + 1u) * uniforms.length; i++) {
			let bits = bitcast<u32>(x[i]);
			if ((bits & 0x7fffffffu) > 0x7f800000u || bits == 0x7f800000u) { broken = 0x7fc00000u; }
		}
		for (var i = index * uniforms.length; broken != 0u && i < (index + 1u) * uniforms.length; i++) {
			result[i] = bitcast<f32>(broken);
		}`)}`,
			tensors: [logits, out],
			uniforms: [{ u32: rows }, { u32: length }],
			groups: flatGroups(rows),
		});
	}
	return out;
}
