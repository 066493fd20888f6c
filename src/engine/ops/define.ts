import { defineConvolutions } from './convolution.ts';
import { defineEinsum } from './einsum.ts';
import { defineElementwise } from './elementwise.ts';
import { defineFused } from './fused.ts';
import { defineGradients } from './gradients.ts';
import { defineLookups } from './lookup.ts';
import { mendKernels } from './plain.ts';
import { definePooling } from './pooling.ts';
import { defineProducts } from './product.ts';
import { defineRearrangements } from './rearrangement.ts';
import { defineReductions } from './reduction.ts';

let defined = false;

/** Gives the wasm backend our kernels: those the stock library lacks, has wrong, or computes slowly. */
export function defineKernels(): void {
	if (!defined) {
		defined = true;
		defineProducts();
		defineConvolutions();
		definePooling();
		defineReductions();
		defineRearrangements();
		defineElementwise();
		defineEinsum();
		defineLookups();
		mendKernels('wasm');
		defineGradients();
		defineFused();
	}
}
