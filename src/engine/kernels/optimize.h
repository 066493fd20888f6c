/* Optimizer updates, one pass over memory, many tensors in one job. New weights go to a new buffer: the stock library
 * caches packed weights by the identity of their buffer. The slots are updated in place. */
#pragma once
#include "context.h"

#define PARAMETER_BLOCK 4096

/* A row of the table: addresses (a slot of 0 is none), the number of parameters, 1 - rate * decoupled decay, and the units
 * before this tensor's. src/engine/fused-optimizers.ts writes it. */
typedef struct {
	uint32_t w, g, slot[3], out;
	int32_t size;
	float keep;
	int32_t first;
} Update;

typedef struct {
	const float *w, *g;
	float *slot[3], *out;
	float keep;
	long from, to;
} Span;

/* The parameters of one unit. words: table, tensors, then the kernel's numbers. Units: blocks of 4096 parameters of each. */
INLINE Span span_of(const Context *c, int unit) {
	const Update *u = (const Update *)INTS(0);
	for (int i = 1; i < INT(1) && u[1].first <= unit; i++) {
		u++;
	}
	long from = (long)(unit - u->first) * PARAMETER_BLOCK, to = from + PARAMETER_BLOCK;
	Span s = {(const float *)((uintptr_t)c->heap + u->w), (const float *)((uintptr_t)c->heap + u->g), {0, 0, 0},
		(float *)((uintptr_t)c->heap + u->out), u->keep, from, to < u->size ? to : u->size};
	for (int i = 0; i < 3; i++) {
		s.slot[i] = u->slot[i] ? (float *)((uintptr_t)c->heap + u->slot[i]) : 0;
	}
	return s;
}

/* numbers: beta1, beta2, 1 - beta1, 1 - beta2, rate, epsilon, gradient scale; the bias corrections are in rate and epsilon. */
KERNEL(adam) {
	float beta1 = REAL(2), beta2 = REAL(3), rest1 = REAL(4), rest2 = REAL(5), rate = REAL(6), epsilon = REAL(7);
	float scale = REAL(8);
	for (int unit = lo; unit < hi; unit++) {
		Span s = span_of(c, unit);
		const float *restrict w = s.w, *restrict g = s.g;
		float *restrict m = s.slot[0], *restrict v = s.slot[1], *restrict out = s.out;
		long i = s.from;
		/* Compilers differ in whether they find this loop worth vectors. */
		for (; i + VL <= s.to; i += VL) {
			V d = load(g + i) * scale;
			V first = beta1 * load(m + i) + rest1 * d, second = beta2 * load(v + i) + rest2 * d * d;
			store(m + i, first);
			store(v + i, second);
			store(out + i, load(w + i) * s.keep - rate * first / (sqrt_v(second) + epsilon));
		}
		for (; i < s.to; i++) {
			float d = g[i] * scale;
			float first = beta1 * m[i] + rest1 * d, second = beta2 * v[i] + rest2 * d * d;
			m[i] = first;
			v[i] = second;
			out[i] = w[i] * s.keep - rate * first / (__builtin_sqrtf(second) + epsilon);
		}
	}
}

/* numbers: rate, momentum, nesterov, gradient scale. The slot is the velocity. */
KERNEL(sgd) {
	float rate = REAL(2), momentum = REAL(3), scale = REAL(5);
	float ahead = INT(4) ? momentum : 1, now = INT(4) ? 1 : 0;
	for (int unit = lo; unit < hi; unit++) {
		Span s = span_of(c, unit);
		const float *restrict w = s.w, *restrict g = s.g;
		float *restrict velocity = s.slot[0], *restrict out = s.out;
		if (!velocity) {
			for (long i = s.from; i < s.to; i++) {
				out[i] = w[i] * s.keep - rate * (g[i] * scale);
			}
			continue;
		}
		for (long i = s.from; i < s.to; i++) {
			float d = g[i] * scale, next = momentum * velocity[i] + d;
			velocity[i] = next;
			out[i] = w[i] * s.keep - rate * (now * d + ahead * next);
		}
	}
}

/* numbers: rate, rho, 1 - rho, momentum, epsilon, gradient scale. The slots are the mean square, the mean and the velocity. */
KERNEL(rmsprop) {
	float rate = REAL(2), rho = REAL(3), rest = REAL(4), momentum = REAL(5), epsilon = REAL(6), scale = REAL(7);
	for (int unit = lo; unit < hi; unit++) {
		Span s = span_of(c, unit);
		const float *restrict w = s.w, *restrict g = s.g;
		float *restrict square = s.slot[0], *restrict mean = s.slot[1], *restrict velocity = s.slot[2];
		float *restrict out = s.out;
		for (long i = s.from; i < s.to; i++) {
			float d = g[i] * scale, second = rho * square[i] + rest * d * d, spread = second;
			square[i] = second;
			if (mean) {
				mean[i] = rho * mean[i] + rest * d;
				spread -= mean[i] * mean[i];
			}
			float step = d / (__builtin_sqrtf(relu_of(spread)) + epsilon);
			if (velocity) {
				velocity[i] = momentum * velocity[i] + step;
				step = velocity[i];
			}
			out[i] = w[i] * s.keep - rate * step;
		}
	}
}
