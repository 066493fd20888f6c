/* Pooling, NHWC. Positions outside the input take no part. */
#pragma once
#include "conv.h"

/* A window's taps that lie inside the input: `rows` by `columns` of them, the first at x. */
typedef struct {
	const float *x;
	int rows, columns;
	long row_step, column_step;
} Taps;

/* The largest of a window's taps in some neighbouring channels, one in each of ACCUMULATORS. */
#define LARGEST(NAME, T, WIDTH, ACCUMULATORS, LOAD, STORE, LARGER) \
	INLINE void NAME(float *y, const Taps *t, int channel) { \
		const float *row = t->x + channel; \
		ACCUMULATORS(DECLARE_BEST, T, WIDTH, LOAD, STORE, LARGER) \
		for (int a = 0; a < t->rows; a++, row += t->row_step) { \
			const float *x = row; \
			for (int b = 0; b < t->columns; b++, x += t->column_step) { \
				ACCUMULATORS(BETTER, T, WIDTH, LOAD, STORE, LARGER) \
			} \
		} \
		ACCUMULATORS(STORE_BEST, T, WIDTH, LOAD, STORE, LARGER) \
	}
#define ONE(X, ...) X(0, __VA_ARGS__)
#define FOUR(X, ...) X(0, __VA_ARGS__) X(1, __VA_ARGS__) X(2, __VA_ARGS__) X(3, __VA_ARGS__)
#define DECLARE_BEST(i, T, WIDTH, LOAD, STORE, LARGER) T best##i = LOAD(row + i * WIDTH);
#define BETTER(i, T, WIDTH, LOAD, STORE, LARGER) best##i = LARGER(best##i, LOAD(x + i * WIDTH));
#define STORE_BEST(i, T, WIDTH, LOAD, STORE, LARGER) STORE(y + channel + i * WIDTH, best##i);

INLINE float load1(const float *p) { return *p; }
INLINE void store1(float *p, float x) { *p = x; }

LARGEST(largest_1, float, 1, ONE, load1, store1, larger)
LARGEST(largest_4, V4, 4, ONE, load4, store4, larger_4)
LARGEST(largest_v, V, VL, ONE, load, store, larger_v)
LARGEST(largest_4v, V, VL, FOUR, load, store, larger_v)

/* In all channels; the last vector may repeat some. */
INLINE void largest(float *y, const Taps *t, int channels) {
	int i = 0;
	for (; i + 4 * VL <= channels; i += 4 * VL) {
		largest_4v(y, t, i);
	}
	int width = channels >= VL ? VL : channels >= 4 ? 4 : 1;
	for (; i < channels; i += width) {
		int at = min_i(i, channels - width);
		if (width == VL) {
			largest_v(y, t, at);
		} else if (width == 4) {
			largest_4(y, t, at);
		} else {
			largest_1(y, t, at);
		}
	}
}

/* words: x, y, -, shape (15). NaN is larger than anything. Units: output rows. */
KERNEL(max_pool) {
	Shape s = shape_at(c, 3);
	Taps t = {0, 0, 0, (long)s.dh * s.w * s.c, (long)s.dw * s.c};
	for (int u = lo; u < hi; u++) {
		int n = u / s.oh, top = u % s.oh * s.sh - s.pt;
		int a = max_i(0, ceil_div(-top, s.dh));
		float *y = FLOATS(1) + (long)u * s.ow * s.c;
		t.rows = min_i(s.kh, ceil_div(s.h - top, s.dh)) - a;
		for (int column = 0; column < s.ow; column++, y += s.c) {
			int left = column * s.sw - s.pl, b = max_i(0, ceil_div(-left, s.dw));
			t.columns = min_i(s.kw, ceil_div(s.w - left, s.dw)) - b;
			if (t.rows <= 0 || t.columns <= 0) {
				fill(y, -__builtin_inff(), s.c);
				continue;
			}
			t.x = FLOATS(0) + (((long)n * s.h + top + a * s.dh) * s.w + left + b * s.dw) * s.c;
			largest(y, &t, s.c);
		}
	}
}

/* The address of a tap's pixel, or null where it lies outside. */
INLINE long tap_at(const Shape *s, int n, int row, int column, int tap) {
	int h = row * s->sh - s->pt + tap / s->kw * s->dh, w = column * s->sw - s->pl + tap % s->kw * s->dw;
	return h < 0 || h >= s->h || w < 0 || w >= s->w ? -1 : (((long)n * s->h + h) * s->w + w) * s->c;
}

/* One tap's share of a pixel: best and chosen so far, over all channels. */
#define CHOOSE_TAP(T, TI, WIDTH, LOAD, STORE, REPLACES, CHOOSE) \
	for (; i + WIDTH <= channels; i += WIDTH) { \
		T value = LOAD(x + i), top = LOAD(best + i); \
		TI better = first ? ~(TI){0} : REPLACES(value, top), old; \
		STORE(best + i, CHOOSE(better, value, top)); \
		__builtin_memcpy(&old, chosen + i, sizeof old); \
		old = (better & (tap - (TI){0})) | (~better & old); \
		__builtin_memcpy(chosen + i, &old, sizeof old); \
	}

INLINE void choose_tap(float *best, int32_t *chosen, const float *x, int tap, int first, int channels) {
	int i = 0;
	CHOOSE_TAP(V, VI, VL, load, store, replaces_v, choose)
	CHOOSE_TAP(V4, VI4, 4, load4, store4, replaces_4, choose4)
	for (; i < channels; i++) {
		int better = first || replaces(x[i], best[i]);
		best[i] = better ? x[i] : best[i];
		chosen[i] = better ? tap : chosen[i];
	}
}

/* dx += dy where this tap was chosen. */
#define GIVE_BACK(T, TI, WIDTH, LOAD, STORE) \
	for (; i + WIDTH <= channels; i += WIDTH) { \
		TI which; \
		__builtin_memcpy(&which, chosen + i, sizeof which); \
		STORE(dx + i, LOAD(dx + i) + (T)((which == tap - (TI){0}) & (TI)LOAD(dy + i))); \
	}

INLINE void give_back(float *dx, const float *dy, const int32_t *chosen, int tap, int channels) {
	int i = 0;
	GIVE_BACK(V, VI, VL, load, store)
	GIVE_BACK(V4, VI4, 4, load4, store4)
	for (; i < channels; i++) {
		dx[i] += chosen[i] == tap ? dy[i] : 0;
	}
}

/* One image whose windows lie side by side inside it and whose channels fill vectors: nothing leaves the registers. */
static __attribute__((noinline)) void part_pool_grad(const Shape *s, const float *x, const float *dy, float *dx) {
	long row_step = (long)s->w * s->c, channels = s->c;
	for (int row = 0; row < s->oh; row++) {
		for (int column = 0; column < s->ow; column++, dy += channels) {
			long corner = (long)row * s->sh * row_step + (long)column * s->sw * channels;
			for (int i = 0; i < channels; i += VL) {
				V best = load(x + corner + i), d = load(dy + i);
				VI chosen = {0}, tap = {0};
				for (int a = 0; a < s->kh; a++) {
					for (int b = 0; b < s->kw; b++, tap += 1) {
						V value = load(x + corner + a * row_step + b * channels + i);
						VI better = replaces_v(value, best);
						best = choose(better, value, best);
						chosen = (better & tap) | (~better & chosen);
					}
				}
				tap = (VI){0};
				for (int a = 0; a < s->kh; a++) {
					for (int b = 0; b < s->kw; b++, tap += 1) {
						store(dx + corner + a * row_step + b * channels + i, (V)((chosen == tap) & (VI)d));
					}
				}
			}
		}
	}
}

/* words: x, dy, dx, shape (15). A window's gradient goes to its first largest element, which is the first NaN if there is one. Units: images. */
KERNEL(max_pool_grad) {
	Shape s = shape_at(c, 3);
	int apart = s.sh == s.kh && s.sw == s.kw && s.dh == 1 && s.dw == 1 && s.pt == 0 && s.pl == 0;
	if (apart && s.oh * s.sh == s.h && s.ow * s.sw == s.w && s.c % VL == 0) {
		for (int n = lo; n < hi; n++) {
			long image = (long)n * s.h * s.w * s.c;
			part_pool_grad(&s, FLOATS(0) + image, FLOATS(1) + (long)n * s.oh * s.ow * s.c, FLOATS(2) + image);
		}
		return;
	}
	int taps = s.kh * s.kw;
	float *best = c->scratch;
	int32_t *chosen = (int32_t *)(c->scratch + s.c);
	for (int n = lo; n < hi; n++) {
		fill(FLOATS(2) + (long)n * s.h * s.w * s.c, 0, (long)s.h * s.w * s.c);
		const float *dy = FLOATS(1) + (long)n * s.oh * s.ow * s.c;
		for (int row = 0; row < s.oh; row++) {
			for (int column = 0; column < s.ow; column++, dy += s.c) {
				int first = 1;
				for (int tap = 0; tap < taps; tap++) {
					long at = tap_at(&s, n, row, column, tap);
					if (at >= 0) {
						choose_tap(best, chosen, FLOATS(0) + at, tap, first, s.c);
						first = 0;
					}
				}
				for (int tap = 0; tap < taps; tap++) {
					long at = tap_at(&s, n, row, column, tap);
					if (at >= 0) {
						give_back(FLOATS(2) + at, dy, chosen, tap, s.c);
					}
				}
			}
		}
	}
}

/* How many of a window's taps lie inside. */
INLINE int taps_inside(const Shape *s, int row, int column) {
	int count = 0;
	for (int tap = 0; tap < s->kh * s->kw; tap++) {
		count += tap_at(s, 0, row, column, tap) >= 0;
	}
	return count;
}

/* words: x, y, -, shape (15). The mean of the positions inside. Units: output rows. */
KERNEL(avg_pool) {
	Shape s = shape_at(c, 3);
	for (int u = lo; u < hi; u++) {
		int n = u / s.oh, row = u % s.oh;
		float *restrict y = FLOATS(1) + (long)u * s.ow * s.c;
		fill(y, 0, (long)s.ow * s.c);
		for (int column = 0; column < s.ow; column++, y += s.c) {
			for (int tap = 0; tap < s.kh * s.kw; tap++) {
				long at = tap_at(&s, n, row, column, tap);
				const float *restrict x = FLOATS(0) + (at < 0 ? 0 : at);
				for (int i = 0; at >= 0 && i < s.c; i++) {
					y[i] += x[i];
				}
			}
			int inside = taps_inside(&s, row, column);
			for (int i = 0; i < s.c; i++) {
				y[i] /= inside;
			}
		}
	}
}

/* words: dy, dx, whole, shape (15). `whole`: divide by the window's size, padding included. Units: images. */
KERNEL(avg_pool_grad) {
	Shape s = shape_at(c, 3);
	for (int n = lo; n < hi; n++) {
		fill(FLOATS(1) + (long)n * s.h * s.w * s.c, 0, (long)s.h * s.w * s.c);
		const float *restrict dy = FLOATS(0) + (long)n * s.oh * s.ow * s.c;
		for (int row = 0; row < s.oh; row++) {
			for (int column = 0; column < s.ow; column++, dy += s.c) {
				float share = 1.0f / (INT(2) ? s.kh * s.kw : taps_inside(&s, row, column));
				for (int tap = 0; tap < s.kh * s.kw; tap++) {
					long at = tap_at(&s, n, row, column, tap);
					float *restrict dx = FLOATS(1) + (at < 0 ? 0 : at);
					for (int i = 0; at >= 0 && i < s.c; i++) {
						dx[i] += dy[i] * share;
					}
				}
			}
		}
	}
}
