/** Every kernel of kernels.h, in its order: a kernel's number is its place. */
export const kernelNames = [
	'pack',
	'pack_taps',
	'product',
	'conv',
	'conv_input',
	'conv_filter',
	'add_parts',
	'depthwise',
	'depthwise_input',
	'depthwise_filter',
	'max_pool',
	'max_pool_grad',
	'avg_pool',
	'avg_pool_grad',
	'sum_middle',
	'bias_grad',
	'transpose_matrix',
	'permute',
	'tile',
	'segment_sum',
	'square_sums',
	'normalise',
	'normalise_grad_sums',
	'normalise_grad',
	'cross_entropy',
	'adam',
	'sgd',
	'rmsprop',
	'binary',
	'relu',
	'relu_grad',
	'binary_cross_entropy',
] as const;

export type KernelName = (typeof kernelNames)[number];

/** Which words of a kernel are floats; all others are integers and addresses. */
export const realWords: { readonly [name in KernelName]?: readonly number[] } = {
	sum_middle: [6],
	normalise: [8],
	normalise_grad: [10],
	cross_entropy: [6],
	adam: [6, 7, 8, 9, 10, 11],
	sgd: [5, 6, 8, 9],
	rmsprop: [7, 8, 9, 10, 11, 12],
};
