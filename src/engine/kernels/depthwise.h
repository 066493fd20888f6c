/* Depthwise convolution, NHWC: channel c makes the outputs c * multiplier + m; the filter is [kh][kw][c][m]. */
#pragma once
#include "conv.h"

/* y[o] += x[o / multiplier] * w[o] for one pixel. */
INLINE void spread(float *restrict y, const float *restrict x, const float *restrict w, int channels, int multiplier) {
	if (multiplier == 1) {
		for (int c = 0; c < channels; c++) {
			y[c] += x[c] * w[c];
		}
		return;
	}
	for (int c = 0; c < channels; c++) {
		for (int m = 0; m < multiplier; m++) {
			y[c * multiplier + m] += x[c] * w[c * multiplier + m];
		}
	}
}

/* x[c] += sum over m of y[c * multiplier + m] * w[c * multiplier + m]. */
INLINE void gather(float *restrict x, const float *restrict y, const float *restrict w, int channels, int multiplier) {
	if (multiplier == 1) {
		spread(x, y, w, channels, 1);
		return;
	}
	for (int c = 0; c < channels; c++) {
		for (int m = 0; m < multiplier; m++) {
			x[c] += y[c * multiplier + m] * w[c * multiplier + m];
		}
	}
}

/* w[o] += x[o / multiplier] * y[o]: the same loop as `spread` with the roles exchanged. */
INLINE void correlate(float *restrict w, const float *restrict x, const float *restrict y, int channels, int multiplier) {
	spread(w, x, y, channels, multiplier);
}

/* words: x, w, y, shape (15). Units: output rows. */
KERNEL(depthwise) {
	Shape s = shape_at(c, 3);
	for (int u = lo; u < hi; u++) {
		int n = u / s.oh, row = u % s.oh;
		float *y = FLOATS(2) + (long)u * s.ow * s.o;
		fill(y, 0, (long)s.ow * s.o);
		for (int a = 0; a < s.kh; a++) {
			int h = row * s.sh - s.pt + a * s.dh;
			if (h < 0 || h >= s.h) {
				continue;
			}
			const float *x = FLOATS(0) + ((long)n * s.h + h) * s.w * s.c;
			for (int column = 0; column < s.ow; column++) {
				for (int b = 0; b < s.kw; b++) {
					int w = column * s.sw - s.pl + b * s.dw;
					if (w >= 0 && w < s.w) {
						spread(y + (long)column * s.o, x + (long)w * s.c, FLOATS(1) + (long)(a * s.kw + b) * s.o, s.c, s.o / s.c);
					}
				}
			}
		}
	}
}

/* words: dy, w, dx, shape (15). Units: input rows. */
KERNEL(depthwise_input) {
	Shape s = shape_at(c, 3);
	for (int u = lo; u < hi; u++) {
		int n = u / s.h, h = u % s.h;
		float *x = FLOATS(2) + (long)u * s.w * s.c;
		fill(x, 0, (long)s.w * s.c);
		for (int a = 0; a < s.kh; a++) {
			int row = h + s.pt - a * s.dh;
			if (row < 0 || row % s.sh || row / s.sh >= s.oh) {
				continue;
			}
			const float *y = FLOATS(0) + ((long)n * s.oh + row / s.sh) * s.ow * s.o;
			for (int w = 0; w < s.w; w++) {
				for (int b = 0; b < s.kw; b++) {
					int column = w + s.pl - b * s.dw;
					if (column >= 0 && column % s.sw == 0 && column / s.sw < s.ow) {
						gather(x + (long)w * s.c, y + (long)(column / s.sw) * s.o, FLOATS(1) + (long)(a * s.kw + b) * s.o, s.c,
							s.o / s.c);
					}
				}
			}
		}
	}
}

/* words: x, dy, parts, shape (15), parts. Units: parts, each a fixed share of the batch's output rows. */
KERNEL(depthwise_filter) {
	Shape s = shape_at(c, 3);
	int parts = INT(3 + SHAPE_WORDS);
	long rows = (long)s.n * s.oh, size = (long)s.kh * s.kw * s.o;
	for (int u = lo; u < hi; u++) {
		float *to = FLOATS(2) + u * size;
		fill(to, 0, size);
		for (long r = u * rows / parts; r < (u + 1) * rows / parts; r++) {
			int n = (int)(r / s.oh), row = (int)(r % s.oh);
			const float *y = FLOATS(1) + r * s.ow * s.o;
			for (int a = 0; a < s.kh; a++) {
				int h = row * s.sh - s.pt + a * s.dh;
				if (h < 0 || h >= s.h) {
					continue;
				}
				const float *x = FLOATS(0) + ((long)n * s.h + h) * s.w * s.c;
				for (int column = 0; column < s.ow; column++) {
					for (int b = 0; b < s.kw; b++) {
						int w = column * s.sw - s.pl + b * s.dw;
						if (w >= 0 && w < s.w) {
							correlate(to + (long)(a * s.kw + b) * s.o, x + (long)w * s.c, y + (long)column * s.o, s.c, s.o / s.c);
						}
					}
				}
			}
		}
	}
}
