/* Cross entropies of logits, value and gradient at once. No branches in what a loop calls, so that it can be vectorised. */
#pragma once
#include "reduce.h"

/* e^x for x <= 0: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2]; about one unit in the last place. */
INLINE float exp_below(float x) {
	x = x < -87.0f ? -87.0f : x;
	float n = (float)(int)(x * 1.44269504088896341f - 0.5f);
	float r = x - n * 0.693359375f + n * 2.12194440e-4f;
	float p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1;
	int32_t bits = ((int32_t)n + 127) << 23;
	float power;
	__builtin_memcpy(&power, &bits, 4);
	return p * power;
}

/* The natural logarithm of a normal x > 0: the exponent, and a series in (m - 1) / (m + 1) for the mantissa m. */
INLINE float log_above(float x) {
	int32_t bits;
	__builtin_memcpy(&bits, &x, 4);
	int exponent = (bits - 0x3f3504f3) >> 23;
	bits -= exponent << 23;
	float m;
	__builtin_memcpy(&m, &bits, 4);
	float s = (m - 1) / (m + 1), z = s * s;
	float series = 2.0f / 9;
	series = series * z + 2.0f / 7;
	series = series * z + 2.0f / 5;
	series = series * z + 2.0f / 3;
	series = series * z + 2;
	return exponent * 0.69314718055994531f + s * series;
}

/* The same for vectors. */
INLINE V exp_below_v(V x) {
	x = choose(x < -87.0f, splat(-87.0f), x);
	VI whole = __builtin_convertvector(x * 1.44269504088896341f - 0.5f, VI);
	V n = __builtin_convertvector(whole, V);
	V r = x - n * 0.693359375f + n * 2.12194440e-4f;
	V p = splat(1.9875691500e-4f);
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1;
	return p * (V)((whole + 127) << 23);
}

INLINE V log_above_v(V x) {
	VI bits = (VI)x, exponent = (bits - 0x3f3504f3) >> 23;
	V m = (V)(bits - (exponent << 23));
	V s = (m - 1) / (m + 1), z = s * s;
	V series = splat(2.0f / 9);
	series = series * z + 2.0f / 7;
	series = series * z + 2.0f / 5;
	series = series * z + 2.0f / 3;
	series = series * z + 2;
	return __builtin_convertvector(exponent, V) * 0.69314718055994531f + s * series;
}

/* words: logits, labels, losses, gradient, rows, columns, smoothing. losses[r] = the cross entropy in nats; gradient =
 * softmax - target. A label outside 0..columns leaves its row out: loss and gradient 0. Units: rows. */
KERNEL(cross_entropy) {
	int columns = INT(5);
	float smoothing = REAL(6), off = smoothing / columns;
	for (int r = lo; r < hi; r++) {
		const float *restrict x = FLOATS(0) + (long)r * columns;
		float *restrict g = FLOATS(3) + (long)r * columns;
		int label = INTS(1)[r];
		if (label < 0 || label >= columns) {
			FLOATS(2)[r] = 0;
			fill(g, 0, columns);
			continue;
		}
		float top = x[0], sum = 0, linear = 0;
		for (int j = 1; j < columns; j++) {
			top = x[j] > top ? x[j] : top;
		}
		for (int j = 0; j < columns; j++) {
			g[j] = exp_below(x[j] - top);
			sum += g[j];
			linear += x[j] - top;
		}
		for (int j = 0; j < columns; j++) {
			g[j] = g[j] / sum - off;
		}
		g[label] -= 1 - smoothing;
		/* A logit of minus infinity has no share in the loss of another label, and 0 times infinity would be NaN. */
		linear = off > 0 ? linear : 0;
		float loss = log_above(sum) - (1 - smoothing) * (x[label] - top) - off * linear;
		FLOATS(2)[r] = sum == sum ? loss : sum;
	}
}

/* VL terms of a binary cross entropy and their gradients. */
INLINE void binary_terms(const float *x_at, const float *t_at, float *terms, float *g) {
	V x = load(x_at), t = load(t_at), zero = (V){0}, one = splat(1);
	V e = exp_below_v(choose(x > zero, zero - x, x));
	store(terms, choose(x > zero, x, zero) - x * t + log_above_v(one + e));
	store(g, choose(x > zero, one, e) / (one + e) - t);
}

/* words: logits, targets, losses, gradient, rows, columns. losses[r] = the sum over the row of the binary cross entropy
 * max(x, 0) - x t + log(1 + e^-|x|) in nats; gradient = sigmoid - target. Units: rows. */
KERNEL(binary_cross_entropy) {
	int columns = INT(5);
	float *restrict terms = c->scratch;
	for (int r = lo; r < hi; r++) {
		const float *restrict x = FLOATS(0) + (long)r * columns, *restrict t = FLOATS(1) + (long)r * columns;
		float *restrict g = FLOATS(3) + (long)r * columns;
		int j = 0;
		for (; j + VL <= columns; j += VL) {
			binary_terms(x + j, t + j, terms + j, g + j);
		}
		if (j < columns) {
			float rest[4 * VL];
			fill(rest, 0, 2 * VL);
			copy(rest, x + j, columns - j);
			copy(rest + VL, t + j, columns - j);
			binary_terms(rest, rest + VL, rest + 2 * VL, rest + 3 * VL);
			copy(terms + j, rest + 2 * VL, columns - j);
			copy(g + j, rest + 3 * VL, columns - j);
		}
		FLOATS(2)[r] = sum_run(terms, columns);
	}
}
