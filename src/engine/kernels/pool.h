/* Pooling, NHWC. Positions outside the input take no part. */
#pragma once
#include "conv.h"

/* words: x, y, -, shape (15). Units: output rows. */
KERNEL(max_pool) {
	Shape s = shape_at(c, 3);
	for (int u = lo; u < hi; u++) {
		int n = u / s.oh, row = u % s.oh;
		float *restrict y = FLOATS(1) + (long)u * s.ow * s.c;
		fill(y, -__builtin_inff(), (long)s.ow * s.c);
		for (int column = 0; column < s.ow; column++, y += s.c) {
			for (int a = 0; a < s.kh; a++) {
				int h = row * s.sh - s.pt + a * s.dh;
				for (int b = 0; b < s.kw; b++) {
					int w = column * s.sw - s.pl + b * s.dw;
					if (h < 0 || h >= s.h || w < 0 || w >= s.w) {
						continue;
					}
					const float *restrict x = FLOATS(0) + (((long)n * s.h + h) * s.w + w) * s.c;
					for (int i = 0; i < s.c; i++) {
						y[i] = x[i] > y[i] ? x[i] : y[i];
					}
				}
			}
		}
	}
}

/* The address of a tap's pixel, or null where it lies outside. */
INLINE long tap_at(const Shape *s, int n, int row, int column, int tap) {
	int h = row * s->sh - s->pt + tap / s->kw * s->dh, w = column * s->sw - s->pl + tap % s->kw * s->dw;
	return h < 0 || h >= s->h || w < 0 || w >= s->w ? -1 : (((long)n * s->h + h) * s->w + w) * s->c;
}

/* One tap's share of a pixel: best and chosen so far, over all channels. */
INLINE void choose_tap(float *best, int32_t *chosen, const float *x, int tap, int first, int channels) {
	int i = 0;
	VI taps = tap - (VI){0};
	for (; i + VL <= channels; i += VL) {
		V value = load(x + i), top = load(best + i);
		VI larger = first ? ~(VI){0} : value > top, old;
		__builtin_memcpy(&old, chosen + i, sizeof old);
		store(best + i, choose(larger, value, top));
		old = (larger & taps) | (~larger & old);
		__builtin_memcpy(chosen + i, &old, sizeof old);
	}
	for (; i < channels; i++) {
		int larger = first || x[i] > best[i];
		best[i] = larger ? x[i] : best[i];
		chosen[i] = larger ? tap : chosen[i];
	}
}

/* dx += dy where this tap was chosen. */
INLINE void give_back(float *dx, const float *dy, const int32_t *chosen, int tap, int channels) {
	int i = 0;
	VI taps = tap - (VI){0};
	for (; i + VL <= channels; i += VL) {
		VI which;
		__builtin_memcpy(&which, chosen + i, sizeof which);
		store(dx + i, load(dx + i) + (V)((which == taps) & (VI)load(dy + i)));
	}
	for (; i < channels; i++) {
		dx[i] += chosen[i] == tap ? dy[i] : 0;
	}
}

/* One image whose windows lie side by side inside it and whose channels fill vectors: nothing leaves the registers. */
static void part_pool_grad(const Shape *s, const float *x, const float *dy, float *dx) {
	for (int row = 0; row < s->oh; row++) {
		for (int column = 0; column < s->ow; column++, dy += s->c) {
			long at = ((long)row * s->sh * s->w + (long)column * s->sw) * s->c;
			for (int i = 0; i < s->c; i += VL) {
				V best = load(x + at + i), d = load(dy + i);
				VI chosen = {0};
				for (int tap = 1; tap < s->kh * s->kw; tap++) {
					V value = load(x + at + ((long)(tap / s->kw) * s->w + tap % s->kw) * s->c + i);
					VI larger = value > best;
					best = choose(larger, value, best);
					chosen = (larger & (tap - (VI){0})) | (~larger & chosen);
				}
				for (int tap = 0; tap < s->kh * s->kw; tap++) {
					store(dx + at + ((long)(tap / s->kw) * s->w + tap % s->kw) * s->c + i, (V)((chosen == tap) & (VI)d));
				}
			}
		}
	}
}

/* words: x, dy, dx, shape (15). A window's gradient goes to its first largest element. Units: images. */
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
