/* Optimizer updates, one pass over memory each. New weights go to a new buffer: the stock library caches packed weights
 * by the identity of their buffer. The slots are updated in place. Units: blocks of 4096 parameters. */
#pragma once
#include "context.h"

#define PARAMETER_BLOCK 4096
#define BLOCK_RANGE(size) \
	long from = (long)lo * PARAMETER_BLOCK, to = (long)hi * PARAMETER_BLOCK < (size) ? (long)hi * PARAMETER_BLOCK : (size)

/* words: w, g, m, v, out, size, beta1, beta2, rate, epsilon, keep, gradient scale. The bias corrections are in rate and
 * epsilon; keep = 1 - rate * decoupled decay. */
KERNEL(adam) {
	BLOCK_RANGE(INT(5));
	const float *restrict w = FLOATS(0), *restrict g = FLOATS(1);
	float *restrict m = FLOATS(2), *restrict v = FLOATS(3), *restrict out = FLOATS(4);
	float beta1 = REAL(6), beta2 = REAL(7), rate = REAL(8), epsilon = REAL(9), keep = REAL(10), scale = REAL(11);
	long i = from;
	/* Compilers differ in whether they find this loop worth vectors. */
	for (; i + VL <= to; i += VL) {
		V d = load(g + i) * scale;
		V first = beta1 * load(m + i) + (1 - beta1) * d, second = beta2 * load(v + i) + (1 - beta2) * d * d;
		store(m + i, first);
		store(v + i, second);
		store(out + i, load(w + i) * keep - rate * first / (sqrt_v(second) + epsilon));
	}
	for (; i < to; i++) {
		float d = g[i] * scale;
		float first = beta1 * m[i] + (1 - beta1) * d, second = beta2 * v[i] + (1 - beta2) * d * d;
		m[i] = first;
		v[i] = second;
		out[i] = w[i] * keep - rate * first / (__builtin_sqrtf(second) + epsilon);
	}
}

/* words: w, g, velocity or 0, out, size, rate, momentum, nesterov, keep, gradient scale. */
KERNEL(sgd) {
	BLOCK_RANGE(INT(4));
	const float *restrict w = FLOATS(0), *restrict g = FLOATS(1);
	float *restrict velocity = MAYBE(2), *restrict out = FLOATS(3);
	float rate = REAL(5), momentum = REAL(6), keep = REAL(8), scale = REAL(9);
	if (!velocity) {
		for (long i = from; i < to; i++) {
			out[i] = w[i] * keep - rate * (g[i] * scale);
		}
		return;
	}
	float ahead = INT(7) ? momentum : 1, now = INT(7) ? 1 : 0;
	for (long i = from; i < to; i++) {
		float d = g[i] * scale, next = momentum * velocity[i] + d;
		velocity[i] = next;
		out[i] = w[i] * keep - rate * (now * d + ahead * next);
	}
}

/* words: w, g, mean square, mean or 0, velocity or 0, out, size, rate, rho, momentum, epsilon, keep, gradient scale. */
KERNEL(rmsprop) {
	BLOCK_RANGE(INT(6));
	const float *restrict w = FLOATS(0), *restrict g = FLOATS(1);
	float *restrict square = FLOATS(2), *restrict mean = MAYBE(3), *restrict velocity = MAYBE(4), *restrict out = FLOATS(5);
	float rate = REAL(7), rho = REAL(8), momentum = REAL(9), epsilon = REAL(10), keep = REAL(11), scale = REAL(12);
	for (long i = from; i < to; i++) {
		float d = g[i] * scale, second = rho * square[i] + (1 - rho) * d * d, spread = second;
		square[i] = second;
		if (mean) {
			mean[i] = rho * mean[i] + (1 - rho) * d;
			spread -= mean[i] * mean[i];
		}
		float step = d / (__builtin_sqrtf(spread > 0 ? spread : 0) + epsilon);
		if (velocity) {
			velocity[i] = momentum * velocity[i] + step;
			step = velocity[i];
		}
		out[i] = w[i] * keep - rate * step;
	}
}
