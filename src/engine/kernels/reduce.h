/* Sums. x is seen as [outer][middle][inner] and the middle summed; the middle is cut into fixed blocks, each summed by
 * itself, so that the order of additions depends on the shape alone. */
#pragma once
#include "context.h"

/* The sum of n neighbours, in VL * 4 fixed lanes. */
INLINE float sum_run(const float *x, long n) {
	V a = (V){0}, b = a, d = a, e = a;
	long i = 0;
	for (; i + 4 * VL <= n; i += 4 * VL) {
		a += load(x + i);
		b += load(x + i + VL);
		d += load(x + i + 2 * VL);
		e += load(x + i + 3 * VL);
	}
	float lanes[VL], total = 0, rest = 0;
	store(lanes, (a + b) + (d + e));
	for (int j = 0; j < VL; j++) {
		total += lanes[j];
	}
	for (; i < n; i++) {
		rest += x[i];
	}
	return total + rest;
}

/* to[j] += the sum of `rows` rows of x. */
INLINE void sum_rows(float *restrict to, const float *restrict x, long rows, long inner) {
	long r = 0;
	for (; r + 4 <= rows; r += 4, x += 4 * inner) {
		long j = 0;
		for (; j + VL <= inner; j += VL) {
			V four = (load(x + j) + load(x + j + inner)) + (load(x + j + 2 * inner) + load(x + j + 3 * inner));
			store(to + j, load(to + j) + four);
		}
		for (; j < inner; j++) {
			to[j] += (x[j] + x[j + inner]) + (x[j + 2 * inner] + x[j + 3 * inner]);
		}
	}
	for (; r < rows; r++, x += inner) {
		for (long j = 0; j < inner; j++) {
			to[j] += x[j];
		}
	}
}

/* words: x, out, outer, middle, inner, blocks, factor. out is [outer][blocks][inner], each sum times the factor. */
/* Units: outer times blocks. */
KERNEL(sum_middle) {
	long middle = INT(3), inner = INT(4), blocks = INT(5);
	for (int u = lo; u < hi; u++) {
		long outer = u / blocks, block = u % blocks;
		long from = block * middle / blocks, to = (block + 1) * middle / blocks;
		const float *x = FLOATS(0) + (outer * middle + from) * inner;
		float *out = FLOATS(1) + u * inner;
		if (inner == 1) {
			*out = sum_run(x, to - from);
		} else {
			fill(out, 0, inner);
			sum_rows(out, x, to - from, inner);
		}
		for (long j = 0; j < inner; j++) {
			out[j] *= REAL(6);
		}
	}
}

/* words: dy, y, dz, sums, rows, columns, blocks, relu. dz = dy where y > 0 (all of dy without relu); sums[block] adds up
 * dz over the block's rows: the gradient through an activation and its bias in one pass. Units: blocks. */
KERNEL(bias_grad) {
	long rows = INT(4), columns = INT(5), blocks = INT(6);
	for (int u = lo; u < hi; u++) {
		long from = u * rows / blocks, to = (u + 1) * rows / blocks;
		float *restrict sum = FLOATS(3) + u * columns;
		fill(sum, 0, columns);
		if (!INT(7)) {
			sum_rows(sum, FLOATS(0) + from * columns, to - from, columns);
			continue;
		}
		for (long r = from; r < to; r++) {
			const float *restrict dy = FLOATS(0) + r * columns, *restrict y = FLOATS(1) + r * columns;
			float *restrict dz = FLOATS(2) + r * columns;
			long j = 0;
			for (; j + VL <= columns; j += VL) {
				V d = through_relu_v(load(y + j), load(dy + j));
				store(dz + j, d);
				store(sum + j, load(sum + j) + d);
			}
			for (; j < columns; j++) {
				float d = through_relu(y[j], dy[j]);
				dz[j] = d;
				sum[j] += d;
			}
		}
	}
}
