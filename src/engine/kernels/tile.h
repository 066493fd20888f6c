/* The register tile: R rows by NR columns of a product, R from 1 to MR, each accumulator a named variable (compilers keep
 * arrays of vectors in memory). Two forms: `rows` reads A along k, `columns` reads A across k, so neither operand of a
 * transposed product or of a filter gradient has to be rearranged. */
#pragma once
#include "context.h"

/* A stretch of the inner dimension: k terms that start at a[a_at] and at row b_at of the packed panel. */
typedef struct {
	long a_at;
	long b_at;
	int k;
} Segment;

typedef struct {
	const float *bias;
	int relu;
	/* Add to what is in the output rather than replace it. */
	int accumulate;
	/* How many of the NR columns exist. */
	int columns;
} Finish;

#define ROWS_1(X) X(0)
#define ROWS_2(X) ROWS_1(X) X(1)
#define ROWS_3(X) ROWS_2(X) X(2)
#define ROWS_4(X) ROWS_3(X) X(3)
#define ROWS_5(X) ROWS_4(X) X(4)
#define ROWS_6(X) ROWS_5(X) X(5)
#define ROWS_7(X) ROWS_6(X) X(6)
#define ROWS_8(X) ROWS_7(X) X(7)

#define DECLARE(i) V c##i##l = (V){0}, c##i##h = (V){0};
#define ROW_POINTER(i) const float *p##i = a + i * row_step;
#define ROW_STEP(i) \
	{ \
		V x = splat(p##i[j]); \
		c##i##l = fma_v(x, low, c##i##l); \
		c##i##h = fma_v(x, high, c##i##h); \
	}
#define COLUMN_STEP(i) \
	{ \
		V x = splat(a[i]); \
		c##i##l = fma_v(x, low, c##i##l); \
		c##i##h = fma_v(x, high, c##i##h); \
	}
#define FINISH_ROW(i) finish_row(out + i * out_step, c##i##l, c##i##h, f);

INLINE void finish_row(float *out, V low, V high, const Finish *f) {
	float row[NR];
	if (f->columns < NR) {
		store(row, low);
		store(row + VL, high);
		for (int j = 0; j < f->columns; j++) {
			float value = row[j];
			if (f->accumulate) {
				value += out[j];
			}
			if (f->bias) {
				value += f->bias[j];
			}
			out[j] = f->relu ? relu_of(value) : value;
		}
		return;
	}
	if (f->accumulate) {
		low += load(out);
		high += load(out + VL);
	}
	if (f->bias) {
		low += load(f->bias);
		high += load(f->bias + VL);
	}
	if (f->relu) {
		low = relu_v(low);
		high = relu_v(high);
	}
	store(out, low);
	store(out + VL, high);
}

#define ROWS_TILE(R) \
	static __attribute__((noinline)) void rows_tile_##R(const Segment *segments, int count, const float *a_base, \
		long row_step, const float *panel, float *out, long out_step, const Finish *f) { \
		ROWS_##R(DECLARE) \
		for (int s = 0; s < count; s++) { \
			const float *a = a_base + segments[s].a_at; \
			const float *b = panel + segments[s].b_at * NR; \
			long k = segments[s].k; \
			ROWS_##R(ROW_POINTER) \
			for (long j = 0; j < k; j++) { \
				V low = load(b), high = load(b + VL); \
				b += NR; \
				ROWS_##R(ROW_STEP) \
			} \
		} \
		ROWS_##R(FINISH_ROW) \
	}

/* `runs` stretches of k terms; a term of A is R neighbours at a + j * a_step, a term of B is NR floats at b + j * b_step. */
#define COLUMNS_TILE(R) \
	static __attribute__((noinline)) void columns_tile_##R(const float *a_base, long a_step, long a_pitch, \
		const float *b_base, long b_step, long b_pitch, int k, int runs, float *out, long out_step, const Finish *f) { \
		ROWS_##R(DECLARE) \
		for (int r = 0; r < runs; r++) { \
			const float *a = a_base + r * a_pitch, *b = b_base + r * b_pitch; \
			for (int j = 0; j < k; j++) { \
				V low = load(b), high = load(b + VL); \
				ROWS_##R(COLUMN_STEP) \
				a += a_step; \
				b += b_step; \
			} \
		} \
		ROWS_##R(FINISH_ROW) \
	}

ROWS_TILE(1)
ROWS_TILE(2)
ROWS_TILE(3)
ROWS_TILE(4)
ROWS_TILE(5)
ROWS_TILE(6)
COLUMNS_TILE(1)
COLUMNS_TILE(2)
COLUMNS_TILE(3)
COLUMNS_TILE(4)
COLUMNS_TILE(5)
COLUMNS_TILE(6)
#if MR >= 8
ROWS_TILE(7)
ROWS_TILE(8)
COLUMNS_TILE(7)
COLUMNS_TILE(8)
#endif

/* A switch rather than a table of functions: a table is data, and a WebAssembly module that shares another's memory has
 * nowhere to put any. */
#define ROWS_CASE(R) \
	case R: rows_tile_##R(segments, count, a, row_step, panel, out, out_step, f); break;
#define COLUMNS_CASE(R) \
	case R: columns_tile_##R(a, a_step, a_pitch, b, b_step, b_pitch, k, runs, out, out_step, f); break;
#if MR >= 8
#define TALL_CASES(CASE) CASE(7) CASE(8)
#else
#define TALL_CASES(CASE)
#endif
#define CASES(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) TALL_CASES(CASE)

INLINE void rows_tile(int height, const Segment *segments, int count, const float *a, long row_step, const float *panel,
	float *out, long out_step, const Finish *f) {
	switch (height) { CASES(ROWS_CASE) }
}

INLINE void columns_tile(int height, const float *a, long a_step, long a_pitch, const float *b, long b_step, long b_pitch,
	int k, int runs, float *out, long out_step, const Finish *f) {
	switch (height) { CASES(COLUMNS_CASE) }
}

/* The height of the next tile when `left` rows remain: two even tiles are faster than a full one and a sliver. */
INLINE int tile_height(int left) {
	if (left > MR && left < MR + 3) {
		return (left + 1) / 2;
	}
	return min_i(left, MR);
}

INLINE int panels_of(int columns) { return (columns + NR - 1) / NR; }
