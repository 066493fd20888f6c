import type { TensorInfo } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain, type Uniform } from './dispatch.ts';
import { output, release } from './kernel.ts';
import { isNaNFunction, reluFunction } from './nan.ts';

/**
 * A product of matrices whose operands are read through functions of their own, so that convolutions need no copy of
 * their images: out[b, m, n] = sum over k of left(b, m, k) right(b, k, n).
 */
export interface Product {
	/** Distinguishes the two functions from others. */
	readonly key: string;
	/** WGSL: `fn left(batch: u32, row: u32, k: u32) -> f32` and `fn right(batch: u32, k: u32, column: u32) -> f32`. */
	readonly operands: string;
	/** Along which index neighbours lie side by side in memory. */
	readonly leftRuns: 'row' | 'k';
	readonly rightRuns: 'column' | 'k';
	/** What the functions read as `a` and `b`. */
	readonly a: TensorInfo;
	readonly b: TensorInfo;
	/** Uniforms of the functions, declared as `name: type`. */
	readonly names: readonly string[];
	readonly values: readonly Uniform[];
	readonly batches: number;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	/** Of the result, batches * m * n values. */
	readonly shape: readonly number[];
	/** [n], added to every row. */
	readonly bias?: TensorInfo | undefined;
	readonly relu?: boolean;
}

// A workgroup is 16 x 16 threads, each with 1, 2 or 4 rows and columns of its own; it goes 16 steps of k at a time.
const side = 16;
// With fewer workgroups than this, large GPUs idle; a longer k is then cut, into pieces worth a workgroup.
const wantedGroups = 256;
const shortestPiece = 256;

/** Computes a product. Long sums over few values are cut into parts, by the shape alone, and added up in order. */
export function multiply(product: Product): TensorInfo {
	const { a, b, m, n, k, batches, values, shape, bias, relu = false } = product;
	const tile = { rows: perThread(m), columns: perThread(n) };
	const [down, across] = [Math.ceil(m / (side * tile.rows)), Math.ceil(n / (side * tile.columns))];
	const tiles = down * across * batches;
	const parts = Math.max(1, Math.min(Math.ceil(wantedGroups / tiles), Math.floor(k / shortestPiece)));
	const per = Math.ceil(k / parts / side) * side;
	const direct = parts === 1;
	const out = output(direct ? shape : [parts, batches * m * n]);
	const end = direct && bias !== undefined;
	if (batches * m * n === 0) {
		return out;
	}
	dispatch({
		key: `${product.key} ${tile.rows}x${tile.columns} ${end ? 'bias' : ''} ${direct && relu ? 'relu' : ''}`,
		shader: () => shader(product, tile, end, direct && relu),
		tensors: [a, b, ...(end ? [bias] : []), out],
		uniforms: [{ u32: m }, { u32: n }, { u32: k }, { u32: parts }, { u32: per }, { u32: batches }, ...values],
		groups: [across, down, batches * parts],
	});
	return direct ? out : addParts(out, { parts, size: batches * m * n, n, shape, bias, relu });
}

type Width = 1 | 2 | 4;

interface Tile {
	readonly rows: Width;
	readonly columns: Width;
}

function perThread(length: number): Width {
	return length <= side ? 1 : length <= 2 * side ? 2 : 4;
}

/** Sums of `parts` pieces, one after another in memory, each of `size` values in rows of `n`. */
export interface Parts {
	readonly parts: number;
	readonly size: number;
	readonly n: number;
	readonly shape: readonly number[];
	readonly bias: TensorInfo | undefined;
	readonly relu: boolean;
}

/** Adds up the parts in order, and what follows them. */
export function addParts(sums: TensorInfo, { parts, size, n, shape, bias, relu }: Parts): TensorInfo {
	const out = output(shape);
	dispatch({
		key: `add parts ${bias ? 'bias' : ''} ${relu ? 'relu' : ''}`,
		shader: () => `${declarations(
			['parts f32', ...(bias ? ['bias f32'] : []), 'result f32 read_write'],
			['size: u32', 'parts: u32', 'n: u32'],
		)}
${isNaNFunction} ${reluFunction}
${flatMain(`
		var total = 0f;
		for (var part = 0u; part < uniforms.parts; part++) {
			total += parts[part * uniforms.size + index];
		}
		${ending(bias !== undefined, relu, 'index % uniforms.n')}
		result[index] = total;`)}`,
		tensors: [sums, ...(bias ? [bias] : []), out],
		uniforms: [{ u32: size }, { u32: parts }, { u32: n }],
		groups: flatGroups(size),
	});
	release(sums);
	return out;
}

function ending(bias: boolean, relu: boolean, column: string): string {
	const added = bias ? `total += bias[${column}];` : '';
	return relu ? `${added} total = relu(total);` : added;
}

const common = ['m: u32', 'n: u32', 'k: u32', 'parts: u32', 'per: u32', 'batches: u32'];

// Each thread keeps some neighbouring rows of neighbouring columns. Both tiles lie in workgroup memory with k as the outer
// index; a column more than needed keeps the threads that write one row each from meeting in one bank.
function shader(product: Product, { rows, columns }: Tile, bias: boolean, relu: boolean): string {
	const { operands, leftRuns, rightRuns, names } = product;
	const [high, wide] = [side * rows, side * columns];
	const [leftRow, leftK] = leftRuns === 'k' ? ['e / 16u', 'e % 16u'] : [`e % ${high}u`, `e / ${high}u`];
	const [rightK, rightColumn] = rightRuns === 'k' ? ['e % 16u', 'e / 16u'] : [`e / ${wide}u`, `e % ${wide}u`];
	const each = Array.from({ length: rows }, (_, i) => i);
	const vector = typeOf(columns);
	return `${declarations(
		['a f32', 'b f32', ...(bias ? ['bias f32'] : []), 'result f32 read_write'],
		[...common, ...names],
	)}
${isNaNFunction} ${reluFunction}
${operands}
var<workgroup> lefts: array<array<${typeOf(rows)}, 17>, 16>;
var<workgroup> rights: array<array<${vector}, 17>, 16>;

fn store(batch: u32, part: u32, row: u32, first: u32, sums: ${vector}) {
	if (row >= uniforms.m) { return; }
	for (var i = 0u; i < ${columns}u; i++) {
		let column = first + i;
		if (column < uniforms.n) {
			var total = ${component('sums', 'i', columns)};
			${ending(bias, relu, 'column')}
			result[((part * uniforms.batches + batch) * uniforms.m + row) * uniforms.n + column] = total;
		}
	}
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
	let place = local.y * 16u + local.x;
	let part = group.z % uniforms.parts;
	let batch = group.z / uniforms.parts;
	let row0 = group.y * ${high}u;
	let column0 = group.x * ${wide}u;
	let begin = part * uniforms.per;
	let end = min(uniforms.k, begin + uniforms.per);
	${each.map((i) => `var sums${i} = ${vector}();`).join(' ')}
	for (var k0 = begin; k0 < end; k0 += 16u) {
		for (var e = place; e < ${high * side}u; e += 256u) {
			let r = ${leftRow};
			let k = ${leftK};
			var x = 0f;
			if (row0 + r < uniforms.m && k0 + k < end) { x = left(batch, row0 + r, k0 + k); }
			${component(`lefts[k][r / ${rows}u]`, `r % ${rows}u`, rows)} = x;
		}
		for (var e = place; e < ${wide * side}u; e += 256u) {
			let c = ${rightColumn};
			let k = ${rightK};
			var y = 0f;
			if (column0 + c < uniforms.n && k0 + k < end) { y = right(batch, k0 + k, column0 + c); }
			${component(`rights[k][c / ${columns}u]`, `c % ${columns}u`, columns)} = y;
		}
		workgroupBarrier();
		for (var i = 0u; i < 16u; i++) {
			let x = lefts[i][local.y];
			let y = rights[i][local.x];
			${each.map((i) => `sums${i} += ${component('x', String(i), rows)} * y;`).join(' ')}
		}
		workgroupBarrier();
	}
	let row = row0 + local.y * ${rows}u;
	let column = column0 + local.x * ${columns}u;
	${each.map((i) => `store(batch, part, row + ${i}u, column, sums${i});`).join(' ')}
}`;
}

function typeOf(width: Width): string {
	return width === 1 ? 'f32' : `vec${width}f`;
}

function component(vector: string, index: string, width: Width): string {
	return width === 1 ? vector : `${vector}[${index}]`;
}
