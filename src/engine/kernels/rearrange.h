/* Moving values about: transposition, repetition, sums by segment, and values that bytes stand for. */
#pragma once
#include "context.h"

#define MOST_AXES 8

/* words: x, out, batch, rows, columns. out[b][j][i] = x[b][i][j]. Units: batch times blocks of 16 columns of x. */
KERNEL(transpose_matrix) {
	int rows = INT(3), columns = INT(4), blocks = (columns + 15) / 16;
	for (int u = lo; u < hi; u++) {
		const float *x = FLOATS(0) + (long)(u / blocks) * rows * columns;
		float *out = FLOATS(1) + (long)(u / blocks) * rows * columns;
		int j0 = u % blocks * 16, j1 = min_i(columns, j0 + 16), whole = j0 + (j1 - j0) / 4 * 4, i = 0;
		for (; i + 4 <= rows; i += 4) {
			for (int j = j0; j < whole; j += 4) {
				transpose4(out + (long)j * rows + i, rows, x + (long)i * columns + j, columns);
			}
		}
		for (int j = j0; j < j1; j++) {
			for (int k = j < whole ? i : 0; k < rows; k++) {
				out[(long)j * rows + k] = x[(long)k * columns + j];
			}
		}
	}
}

/* words: x, out, axes, output sizes (8), steps in x along each output axis (8). Units: rows of the last axis. */
KERNEL(permute) {
	int axes = INT(2), last = INT(3 + axes - 1), step = INT(3 + MOST_AXES + axes - 1);
	for (int u = lo; u < hi; u++) {
		long at = 0;
		int rest = u;
		for (int a = axes - 2; a >= 0; a--) {
			at += (long)(rest % INT(3 + a)) * INT(3 + MOST_AXES + a);
			rest /= INT(3 + a);
		}
		const float *restrict x = FLOATS(0) + at;
		float *restrict out = FLOATS(1) + (long)u * last;
		for (int j = 0; j < last; j++) {
			out[j] = x[(long)j * step];
		}
	}
}

/* words: x, out, axes, input sizes (8), output sizes (8). Units: output rows of the last axis. */
KERNEL(tile) {
	int axes = INT(2), size = INT(3 + axes - 1), last = INT(3 + MOST_AXES + axes - 1);
	for (int u = lo; u < hi; u++) {
		long at = 0, step = size;
		int rest = u;
		for (int a = axes - 2; a >= 0; a--) {
			at += rest % INT(3 + MOST_AXES + a) % INT(3 + a) * step;
			step *= INT(3 + a);
			rest /= INT(3 + MOST_AXES + a);
		}
		for (int j = 0; j < last; j += size) {
			copy(FLOATS(1) + (long)u * last + j, FLOATS(0) + at, size);
		}
	}
}

/* words: x, ids, out, rows, inner, segments, per unit. out[s] sums the rows whose id is s, in order; ids outside
 * 0..segments are dropped. Units: blocks of segments. */
KERNEL(segment_sum) {
	int rows = INT(3), segments = INT(5), per_unit = INT(6);
	long inner = INT(4);
	const int32_t *ids = INTS(1);
	for (int u = lo; u < hi; u++) {
		int from = u * per_unit, to = min_i(segments, from + per_unit);
		fill(FLOATS(2) + from * inner, 0, (to - from) * inner);
		for (int r = 0; r < rows; r++) {
			if (ids[r] >= from && ids[r] < to) {
				sum_rows(FLOATS(2) + ids[r] * inner, FLOATS(0) + r * inner, 1, inner);
			}
		}
	}
}

INLINE void stand_for(const uint8_t *restrict bytes, const float *restrict tables, float *restrict out, long width,
	int channels) {
	for (int channel = 0; channel < channels; channel++) {
		for (long i = channel; i < width; i += channels) {
			out[i] = tables[256 * channel + bytes[i]];
		}
	}
}

/* words: bytes, rows, tables, out, width, channels. out[u][i] is what byte i of row rows[u] stands for in the table (256
 * values) of channel i mod channels. Units: rows of `width` bytes. */
KERNEL(look_up) {
	long width = INT(4);
	int channels = INT(5);
	for (int u = lo; u < hi; u++) {
		/* Rows lie anywhere: one has to be on its way while the one before is looked up. */
		const uint8_t *next = BYTES(0) + INTS(1)[u + 1 < hi ? u + 1 : u] * width;
		for (long i = 0; i < width; i += 64) {
			__builtin_prefetch(next + i);
		}
		const uint8_t *bytes = BYTES(0) + INTS(1)[u] * width;
		float *out = FLOATS(3) + u * width;
		if (channels == 1) {
			stand_for(bytes, FLOATS(2), out, width, 1);
		} else {
			stand_for(bytes, FLOATS(2), out, width, channels);
		}
	}
}
