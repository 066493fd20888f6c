/* Element by element. Units: blocks of rows; a[rows][columns] meets b of the shape that `mode` names. */
#pragma once
#include "context.h"

enum { SAME, SCALAR, ROW, COLUMN };

/* All bits set are NaN: cheaper than choosing between two values. */
INLINE float nan_where(int yes, float x) {
	int32_t bits;
	__builtin_memcpy(&bits, &x, 4);
	bits |= -yes;
	__builtin_memcpy(&x, &bits, 4);
	return x;
}

#define EACH(expression) \
	for (long j = 0; j < columns; j++) { \
		out[j] = expression; \
	}
#define BY_OPERATION(B) \
	switch (operation) { \
	case 0: EACH(a[j] + (B)) break; \
	case 1: EACH(a[j] - (B)) break; \
	case 2: EACH(a[j] * (B)) break; \
	case 3: EACH(a[j] / (B)) break; \
	case 4: EACH(nan_where(a[j] != a[j], a[j] > (B) ? a[j] : (B))) break; \
	case 5: EACH(nan_where(a[j] != a[j], a[j] < (B) ? a[j] : (B))) break; \
	case 6: EACH((B) - a[j]) break; \
	case 7: EACH((B) / a[j]) break; \
	default: EACH((a[j] - (B)) * (a[j] - (B))) break; \
	}

/* words: a, b, out, rows, columns, mode, operation, rows per unit. Operations: + - * / max min, reversed - and /, squared
 * difference; the larger or smaller of NaN and anything is NaN. Modes: b is [rows][columns], one value, [columns], [rows]. */
KERNEL(binary) {
	long rows = INT(3), columns = INT(4), per_unit = INT(7);
	int mode = INT(5), operation = INT(6);
	for (long r = lo * per_unit; r < hi * per_unit && r < rows; r++) {
		const float *restrict a = FLOATS(0) + r * columns, *restrict b = FLOATS(1);
		float *restrict out = FLOATS(2) + r * columns;
		if (mode == SAME) {
			b += r * columns;
		}
		if (mode == SAME || mode == ROW) {
			BY_OPERATION(b[j])
		} else {
			float value = mode == SCALAR ? b[0] : b[r];
			BY_OPERATION(value)
		}
	}
}

#define ELEMENT_BLOCK 16384

/* words: x, out, size. Units: blocks. */
KERNEL(relu) {
	long size = INT(2), to = (long)hi * ELEMENT_BLOCK < size ? (long)hi * ELEMENT_BLOCK : size;
	const float *restrict x = FLOATS(0);
	float *restrict out = FLOATS(1);
	for (long i = (long)lo * ELEMENT_BLOCK; i < to; i++) {
		out[i] = relu_of(x[i]);
	}
}

/* words: x, out, size, low, high. What lies outside becomes the bound. Units: blocks. */
KERNEL(clip) {
	long size = INT(2), to = (long)hi * ELEMENT_BLOCK < size ? (long)hi * ELEMENT_BLOCK : size;
	const float *restrict x = FLOATS(0);
	float *restrict out = FLOATS(1), low = REAL(3), high = REAL(4);
	long i = (long)lo * ELEMENT_BLOCK;
	for (; i + VL <= to; i += VL) {
		V value = load(x + i);
		value = choose(value <= low, splat(low), value);
		store(out + i, choose(value >= high, splat(high), value));
	}
	for (; i < to; i++) {
		float value = x[i] <= low ? low : x[i];
		out[i] = value >= high ? high : value;
	}
}

/* words: dy, y, dx, size. Units: blocks. */
KERNEL(relu_grad) {
	long size = INT(3), to = (long)hi * ELEMENT_BLOCK < size ? (long)hi * ELEMENT_BLOCK : size;
	const float *restrict dy = FLOATS(0), *restrict y = FLOATS(1);
	float *restrict dx = FLOATS(2);
	long i = (long)lo * ELEMENT_BLOCK;
	for (; i + VL <= to; i += VL) {
		store(dx + i, through_relu_v(load(y + i), load(dy + i)));
	}
	for (; i < to; i++) {
		dx[i] = through_relu(y[i], dy[i]);
	}
}
