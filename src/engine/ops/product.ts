import type { TensorInfo } from '@tensorflow/tfjs-core';
import { host } from '../wasm-backend.ts';
import { finished } from './activation.ts';
import { address, areFloat, callKernel, defineKernel, output, release, reshaped, sizeOf } from './kernel.ts';
import { areTame } from './tame.ts';

interface Product {
	readonly a: number;
	readonly b: number;
	readonly out: number;
	readonly bias?: number;
	readonly relu?: boolean;
	readonly m: number;
	readonly n: number;
	readonly k: number;
	readonly transposeA: boolean;
	readonly transposeB: boolean;
	readonly batches?: number;
	/** Floats from one matrix of the batch to the next; 0 uses the same one for all. */
	readonly aBatchStep?: number;
	readonly bBatchStep?: number;
}

// K_BLOCK, ROW_BLOCK and PANEL_BLOCK of kernels/gemm.h.
const termsPerBlock = 384;
const tilesPerRowBlock = 8;
const panelsPerBlock = 4;

/** out[m, n] = A B (+ bias)(relu), addresses in floats' memory; B is packed first. */
export function multiply(p: Product): void {
	const { tileRows, tileColumns } = host().runner;
	const { m, n, k, batches = 1, aBatchStep = 0, bBatchStep = 0 } = p;
	const panels = Math.ceil(n / tileColumns);
	const packedBatches = bBatchStep === 0 ? 1 : batches;
	const panelFloats = k * tileColumns;
	const packed = host().space('packed', Math.max(4, packedBatches * panels * panelFloats * 4));
	const [kStep, nStep] = p.transposeB ? [1, k] : [n, 1];
	host().call('pack', [packed, p.b, k, n, kStep, nStep, bBatchStep], packedBatches * panels, packedBatches * n * k);
	const rowBlocks = Math.ceil(m / (tilesPerRowBlock * tileRows));
	const perUnit = rowBlocks >= 8 ? panels : panelsPerBlock;
	host().reserve(termsPerBlock * tileRows);
	host().call(
		'product',
		[
			p.a,
			packed,
			p.out,
			p.bias ?? 0,
			m,
			n,
			k,
			p.transposeA ? m : k,
			p.transposeA ? 1 : 0,
			p.relu ? 1 : 0,
			aBatchStep,
			packedBatches === 1 ? 0 : panels * panelFloats,
		],
		batches * rowBlocks * Math.ceil(panels / perUnit),
		batches * m * n * k,
	);
}

export function defineProducts(): void {
	defineKernel('BatchMatMul', ({ a, b }, attrs) => matMul(a!, b!, attrs));
	defineKernel('_FusedMatMul', ({ a, b, bias, preluActivationWeights }, attrs) => {
		const { activation } = attrs as { activation?: string };
		const fits =
			bias === undefined || (areFloat(bias) && sizeOf(bias.shape) === b!.shape.at(attrs['transposeB'] ? -2 : -1));
		const ours = activation === 'linear' || activation === 'relu' || activation == null;
		if (fits && ours && preluActivationWeights === undefined) {
			return matMul(a!, b!, attrs, bias, activation === 'relu');
		}
		const sum = areTame(a, b, bias) ? undefined : matMul(a!, b!, attrs);
		return sum && finished(sum, bias, preluActivationWeights, attrs);
	});
}

function matMul(
	a: TensorInfo,
	b: TensorInfo,
	attrs: { [name: string]: unknown },
	bias?: TensorInfo,
	relu = false,
): TensorInfo | undefined {
	const [transposeA, transposeB] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
	const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
	const [aBatches, bBatches] = [sizeOf(aBatch), sizeOf(bBatch)];
	const same = aBatch.length === bBatch.length && aBatch.every((length, i) => length === bBatch[i]);
	if (!areFloat(a, b) || !(same || aBatches === 1 || bBatches === 1)) {
		return undefined;
	}
	const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
	const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
	const [m, k, n] = [transposeA ? aColumns : aRows, transposeA ? aRows : aColumns, transposeB ? bRows : bColumns];
	const batches = Math.max(aBatches, bBatches);
	if (aBatches === 0 || bBatches === 0) {
		return undefined;
	}
	const batchShape =
		aBatches >= bBatches && (aBatches !== bBatches || aBatch.length >= bBatch.length) ? aBatch : bBatch;
	const out = output([...batchShape, m, n]);
	multiply({
		a: address(a),
		b: address(b),
		out: address(out),
		...(bias && { bias: address(bias) }),
		relu,
		m,
		n,
		k,
		transposeA,
		transposeB,
		batches,
		aBatchStep: aBatches === 1 ? 0 : m * k,
		bBatchStep: bBatches === 1 ? 0 : k * n,
	});
	return out;
}

/** x [rows, k] times w [k, n], for callers that hold tensors. */
export function product2d(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): TensorInfo {
	const out = callKernel(
		'BatchMatMul',
		{ a: { ...a, shape: [1, ...a.shape] }, b: { ...b, shape: [1, ...b.shape] } },
		{ transposeA, transposeB },
	);
	const flat = reshaped(out, out.shape.slice(1));
	release(out);
	return flat;
}
