/* Every kernel, in the order of src/engine/kernels/names.ts. */
#pragma once
#define EACH_KERNEL(K) \
	K(pack) K(pack_taps) K(product) K(conv) K(conv_input) K(conv_filter) K(add_parts) K(depthwise) K(depthwise_input) \
	K(depthwise_filter) K(max_pool) K(max_pool_grad) K(avg_pool) K(avg_pool_grad) K(sum_middle) K(bias_grad) \
	K(transpose_matrix) K(permute) K(tile) K(segment_sum) K(moments) K(moments_join) K(normalise) \
	K(normalise_grad_sums) K(normalise_grad_join) K(normalise_grad) K(cross_entropy) K(adam) K(sgd) K(rmsprop) K(binary) K(relu) K(relu_grad) \
	K(binary_cross_entropy) K(look_up) K(clip)
