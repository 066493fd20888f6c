import { defineConvolutions } from './convolutions.ts';
import { defineCumulations } from './cumulation.ts';
import { defineDepthwise } from './depthwise.ts';
import { defineDilation } from './dilation.ts';
import { defineEmptyReductions } from './empty.ts';
import { defineExtremes } from './extremes.ts';
import { defineFunctions } from './functions.ts';
import { defineGradients } from './gradients.ts';
import { defineMaxPooling } from './max-pooling.ts';
import { definePooling } from './pooling.ts';
import { defineProducts } from './products.ts';
import { defineResizing } from './resizing.ts';
import { defineSegments } from './segments.ts';

let defined = false;

/** Gives the WebGPU backend our kernels: those the stock library has wrong, slow or in no fixed order. */
export function defineGpuKernels(): void {
	if (!defined) {
		defined = true;
		defineProducts();
		defineConvolutions();
		defineDepthwise();
		definePooling();
		defineMaxPooling();
		defineDilation();
		defineExtremes();
		defineSegments();
		defineResizing();
		defineFunctions();
		defineCumulations();
		defineEmptyReductions();
		defineGradients();
	}
}
