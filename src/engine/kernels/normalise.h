/* Batch normalisation over the rows of x[rows][columns]; every output column has its own statistics. */
#pragma once
#include "reduce.h"

/* words: x, mean, sums, rows, columns, blocks. sums[block] adds up (x - mean)^2 over the block's rows. Units: blocks. */
KERNEL(square_sums) {
	long rows = INT(3), columns = INT(4), blocks = INT(5);
	const float *restrict mean = FLOATS(1);
	for (int u = lo; u < hi; u++) {
		float *restrict sum = FLOATS(2) + u * columns;
		fill(sum, 0, columns);
		for (long r = u * rows / blocks; r < (u + 1) * rows / blocks; r++) {
			const float *restrict x = FLOATS(0) + r * columns;
			for (long j = 0; j < columns; j++) {
				float d = x[j] - mean[j];
				sum[j] += d * d;
			}
		}
	}
}

/* words: x, mean, variance, gamma or 0, beta or 0, y, rows, columns, epsilon, blocks. */
/* y = (x - mean) gamma / sqrt(variance + epsilon) + beta. Units: blocks of rows. */
KERNEL(normalise) {
	long rows = INT(6), columns = INT(7), blocks = INT(9);
	const float *restrict mean = FLOATS(1), *restrict gamma = MAYBE(3), *restrict beta = MAYBE(4);
	float *restrict scale = c->scratch, *restrict shift = c->scratch + columns;
	for (long j = 0; j < columns; j++) {
		scale[j] = (gamma ? gamma[j] : 1) / __builtin_sqrtf(FLOATS(2)[j] + REAL(8));
		shift[j] = beta ? beta[j] : 0;
	}
	for (int u = lo; u < hi; u++) {
		for (long r = u * rows / blocks; r < (u + 1) * rows / blocks; r++) {
			const float *restrict x = FLOATS(0) + r * columns;
			float *restrict y = FLOATS(5) + r * columns;
			for (long j = 0; j < columns; j++) {
				y[j] = (x[j] - mean[j]) * scale[j] + shift[j];
			}
		}
	}
}

/* words: x, dy, mean, sums, rows, columns, blocks. sums[0][block] adds up dy, sums[1][block] dy (x - mean). */
/* Units: blocks. */
KERNEL(normalise_grad_sums) {
	long rows = INT(4), columns = INT(5), blocks = INT(6);
	const float *restrict mean = FLOATS(2);
	for (int u = lo; u < hi; u++) {
		float *restrict plain = FLOATS(3) + u * columns, *restrict weighted = FLOATS(3) + (blocks + u) * columns;
		fill(plain, 0, columns);
		fill(weighted, 0, columns);
		for (long r = u * rows / blocks; r < (u + 1) * rows / blocks; r++) {
			const float *restrict x = FLOATS(0) + r * columns, *restrict dy = FLOATS(1) + r * columns;
			for (long j = 0; j < columns; j++) {
				plain[j] += dy[j];
				weighted[j] += dy[j] * (x[j] - mean[j]);
			}
		}
	}
}

/* words: x, dy, mean, variance, gamma or 0, sums of dy, sums of dy (x - mean), dx, rows, columns, epsilon, blocks. */
/* dx = gamma / s (dy - mean(dy) - (x - mean) mean(dy (x - mean)) / s^2), s^2 = variance + epsilon. Units: blocks. */
KERNEL(normalise_grad) {
	long rows = INT(8), columns = INT(9), blocks = INT(11);
	const float *restrict mean = FLOATS(2), *restrict gamma = MAYBE(4);
	float *restrict scale = c->scratch, *restrict plain = scale + columns, *restrict slope = plain + columns;
	for (long j = 0; j < columns; j++) {
		float inverse = 1 / (FLOATS(3)[j] + REAL(10));
		scale[j] = (gamma ? gamma[j] : 1) * __builtin_sqrtf(inverse);
		plain[j] = FLOATS(5)[j] / rows;
		slope[j] = FLOATS(6)[j] / rows * inverse;
	}
	for (int u = lo; u < hi; u++) {
		for (long r = u * rows / blocks; r < (u + 1) * rows / blocks; r++) {
			const float *restrict x = FLOATS(0) + r * columns, *restrict dy = FLOATS(1) + r * columns;
			float *restrict dx = FLOATS(7) + r * columns;
			for (long j = 0; j < columns; j++) {
				dx[j] = scale[j] * (dy[j] - plain[j] - (x[j] - mean[j]) * slope[j]);
			}
		}
	}
}
