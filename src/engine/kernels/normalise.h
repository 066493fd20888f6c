/* Batch normalisation over the rows of x[rows][columns]; every output column has its own statistics. What follows it, a
 * shortcut added and a relu, is done in the same pass. */
#pragma once
#include "reduce.h"

#define ROW_RANGE(u) long from = (u) * rows / blocks, to = ((u) + 1) * rows / blocks

/* words: x, parts, rows, columns, blocks. parts[block] is the mean of the block's rows, then their squared distances from
 * it: both while the block is in the cache. Units: blocks. */
KERNEL(moments) {
	long rows = INT(2), columns = INT(3), blocks = INT(4);
	for (int u = lo; u < hi; u++) {
		ROW_RANGE(u);
		const float *restrict x = FLOATS(0) + from * columns;
		float *restrict mean = FLOATS(1) + 2 * u * columns, *restrict square = mean + columns;
		fill(mean, 0, 2 * columns);
		sum_rows(mean, x, to - from, columns);
		for (long j = 0; j < columns; j++) {
			mean[j] /= to - from;
		}
		for (long r = from; r < to; r++, x += columns) {
			long j = 0;
			for (; j + VL <= columns; j += VL) {
				V d = load(x + j) - load(mean + j);
				store(square + j, fma_v(d, d, load(square + j)));
			}
			for (; j < columns; j++) {
				float d = x[j] - mean[j];
				square[j] += d * d;
			}
		}
	}
}

/* words: parts, mean, variance, rows, columns, blocks. Joins the blocks' moments (Chan, Golub and LeVeque 1979). One unit. */
KERNEL(moments_join) {
	long rows = INT(3), columns = INT(4), blocks = INT(5);
	float *restrict mean = FLOATS(1), *restrict variance = FLOATS(2);
	fill(mean, 0, columns);
	fill(variance, 0, columns);
	for (int u = 0; u < blocks; u++) {
		ROW_RANGE(u);
		const float *restrict part = FLOATS(0) + 2 * u * columns;
		for (long j = 0; j < columns; j++) {
			mean[j] += part[j] * (to - from);
		}
	}
	for (long j = 0; j < columns; j++) {
		mean[j] /= rows;
	}
	for (int u = 0; u < blocks; u++) {
		ROW_RANGE(u);
		const float *restrict part = FLOATS(0) + 2 * u * columns, *restrict square = part + columns;
		for (long j = 0; j < columns; j++) {
			float d = part[j] - mean[j];
			variance[j] += square[j] + d * d * (to - from);
		}
	}
	for (long j = 0; j < columns; j++) {
		variance[j] /= rows;
	}
}

/* The normalised value; the gradient's mask asks for its sign and must find the same. */
INLINE V normal_v(const float *x, const float *mean, const float *scale, const float *shift) {
	return fma_v(load(x) - load(mean), load(scale), load(shift));
}

INLINE float normal(float x, float mean, float scale, float shift) { return (x - mean) * scale + shift; }

/* scale[j] and shift[j] of y = (x - mean) scale + shift. */
INLINE void scale_and_shift(float *restrict scale, float *restrict shift, const float *restrict variance,
	const float *restrict gamma, const float *restrict beta, float epsilon, long columns) {
	for (long j = 0; j < columns; j++) {
		scale[j] = (gamma ? gamma[j] : 1) / __builtin_sqrtf(variance[j] + epsilon);
		shift[j] = beta ? beta[j] : 0;
	}
}

/* words: x, mean, variance, gamma or 0, beta or 0, y, rows, columns, epsilon, blocks, shortcut or 0, relu. */
/* y = (x - mean) gamma / sqrt(variance + epsilon) + beta (+ shortcut)(relu). Units: blocks of rows. */
KERNEL(normalise) {
	long rows = INT(6), columns = INT(7), blocks = INT(9);
	int relu = INT(11);
	const float *restrict mean = FLOATS(1);
	float *restrict scale = c->scratch, *restrict shift = c->scratch + columns;
	scale_and_shift(scale, shift, FLOATS(2), MAYBE(3), MAYBE(4), REAL(8), columns);
	for (int u = lo; u < hi; u++) {
		ROW_RANGE(u);
		for (long r = from; r < to; r++) {
			const float *restrict x = FLOATS(0) + r * columns;
			const float *restrict shortcut = INT(10) ? FLOATS(10) + r * columns : 0;
			float *restrict y = FLOATS(5) + r * columns;
			long j = 0;
			for (; j + VL <= columns; j += VL) {
				V value = normal_v(x + j, mean + j, scale + j, shift + j);
				if (shortcut) {
					value += load(shortcut + j);
				}
				store(y + j, relu ? relu_v(value) : value);
			}
			for (; j < columns; j++) {
				float value = normal(x[j], mean[j], scale[j], shift[j]) + (shortcut ? shortcut[j] : 0);
				y[j] = relu ? relu_of(value) : value;
			}
		}
	}
}

/* words: x, dy, mean, parts, rows, columns, blocks, variance, gamma or 0, beta or 0, epsilon, relu, y or 0, dz or 0. With
 * relu, dz = dy where y > 0; where y is not given, its sign is found again from x. parts[0][block] adds up dz,
 * parts[1][block] dz (x - mean). Units: blocks. */
KERNEL(normalise_grad_sums) {
	long rows = INT(4), columns = INT(5), blocks = INT(6);
	int relu = INT(11);
	const float *restrict mean = FLOATS(2);
	float *restrict scale = c->scratch, *restrict shift = c->scratch + columns;
	scale_and_shift(scale, shift, FLOATS(7), MAYBE(8), MAYBE(9), REAL(10), columns);
	for (int u = lo; u < hi; u++) {
		ROW_RANGE(u);
		float *restrict plain = FLOATS(3) + u * columns, *restrict weighted = FLOATS(3) + (blocks + u) * columns;
		fill(plain, 0, columns);
		fill(weighted, 0, columns);
		for (long r = from; r < to; r++) {
			const float *restrict x = FLOATS(0) + r * columns, *restrict dy = FLOATS(1) + r * columns;
			const float *restrict y = INT(12) ? FLOATS(12) + r * columns : 0;
			float *restrict dz = INT(13) ? FLOATS(13) + r * columns : 0;
			long j = 0;
			for (; j + VL <= columns; j += VL) {
				V d = load(dy + j);
				if (relu) {
					V sign = y ? load(y + j) : normal_v(x + j, mean + j, scale + j, shift + j);
					d = through_relu_v(sign, d);
				}
				if (dz) {
					store(dz + j, d);
				}
				store(plain + j, load(plain + j) + d);
				store(weighted + j, fma_v(d, load(x + j) - load(mean + j), load(weighted + j)));
			}
			for (; j < columns; j++) {
				float sign = !relu ? 1 : y ? y[j] : normal(x[j], mean[j], scale[j], shift[j]);
				float d = through_relu(sign, dy[j]);
				if (dz) {
					dz[j] = d;
				}
				plain[j] += d;
				weighted[j] += d * (x[j] - mean[j]);
			}
		}
	}
}

/* words: parts, dbeta, dgamma, weighted, variance, columns, blocks, epsilon. Adds the parts up; dgamma is the weighted sum
 * over the deviation. One unit. */
KERNEL(normalise_grad_join) {
	long columns = INT(5), blocks = INT(6);
	float *restrict dbeta = FLOATS(1), *restrict dgamma = FLOATS(2), *restrict weighted = FLOATS(3);
	fill(dbeta, 0, columns);
	fill(weighted, 0, columns);
	sum_rows(dbeta, FLOATS(0), blocks, columns);
	sum_rows(weighted, FLOATS(0) + blocks * columns, blocks, columns);
	for (long j = 0; j < columns; j++) {
		dgamma[j] = weighted[j] / __builtin_sqrtf(FLOATS(4)[j] + REAL(7));
	}
}

/* words: x, dz, mean, variance, gamma or 0, sums of dz, sums of dz (x - mean), dx, rows, columns, epsilon, blocks, relu,
 * beta or 0. With relu, dz is still dy, and 0 where the normalised value is not above 0. */
/* dx = gamma / s (dz - mean(dz) - (x - mean) mean(dz (x - mean)) / s^2), s^2 = variance + epsilon. Units: blocks. */
KERNEL(normalise_grad) {
	long rows = INT(8), columns = INT(9), blocks = INT(11);
	int relu = INT(12);
	const float *restrict mean = FLOATS(2);
	float *restrict scale = c->scratch, *restrict plain = scale + columns, *restrict slope = plain + columns;
	float *restrict shift = slope + columns;
	scale_and_shift(scale, shift, FLOATS(3), MAYBE(4), MAYBE(13), REAL(10), columns);
	for (long j = 0; j < columns; j++) {
		plain[j] = FLOATS(5)[j] / rows;
		slope[j] = FLOATS(6)[j] / rows / (FLOATS(3)[j] + REAL(10));
	}
	for (int u = lo; u < hi; u++) {
		ROW_RANGE(u);
		for (long r = from; r < to; r++) {
			const float *restrict x = FLOATS(0) + r * columns, *restrict dz = FLOATS(1) + r * columns;
			float *restrict dx = FLOATS(7) + r * columns;
			long j = 0;
			for (; j + VL <= columns; j += VL) {
				V d = load(dz + j), off = load(x + j) - load(mean + j), by = load(scale + j);
				if (relu) {
					d = through_relu_v(fma_v(off, by, load(shift + j)), d);
				}
				store(dx + j, by * (d - load(plain + j) - off * load(slope + j)));
			}
			for (; j < columns; j++) {
				float d = relu ? through_relu(normal(x[j], mean[j], scale[j], shift[j]), dz[j]) : dz[j];
				dx[j] = scale[j] * (d - plain[j] - (x[j] - mean[j]) * slope[j]);
			}
		}
	}
}
