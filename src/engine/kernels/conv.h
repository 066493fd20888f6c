/* Convolution, NHWC, as a product that is never written out: rows of the input are copied once into padded work space
 * (so that no tap needs a border test) and the tile reads its taps from there. A kernel row's taps are neighbours in
 * memory, so they form one long inner product. */
#pragma once
#include "gemm.h"

/* More taps than this never reach these kernels; src/engine/ops/geometry.ts holds the same number. */
#define MOST_TAPS 1024
/* Floats of padded input that one unit of work should not exceed: half of a small second-level cache. */
#define WORK_FLOATS 24576

/* The words every convolution kernel begins with, after its three addresses. */
typedef struct {
	int n, h, w, c, oh, ow, o, kh, kw, sh, sw, dh, dw, pt, pl;
} Shape;

#define SHAPE_WORDS 15

static Shape shape_at(const Context *c, int i) {
	Shape s = {INT(i), INT(i + 1), INT(i + 2), INT(i + 3), INT(i + 4), INT(i + 5), INT(i + 6), INT(i + 7), INT(i + 8),
		INT(i + 9), INT(i + 10), INT(i + 11), INT(i + 12), INT(i + 13), INT(i + 14)};
	return s;
}

/* One row of `width` pixels widened to `to_width`, its first pixel at `left`; a negative `left` drops pixels. */
static void copy_padded(float *to, const float *from, int width, int channels, int left, int to_width) {
	int first = max_i(0, -left), begin = max_i(0, left);
	int count = max_i(0, min_i(width - first, to_width - begin));
	fill(to, 0, (long)min_i(begin, to_width) * channels);
	copy(to + (long)begin * channels, from + (long)first * channels, (long)count * channels);
	if (begin + count < to_width) {
		fill(to + (long)(begin + count) * channels, 0, (long)(to_width - begin - count) * channels);
	}
}

/* Output rows per unit of the forward pass. src/engine/ops/geometry.ts counts units and work space the same way. */
INLINE int forward_rows(const Shape *s, int width) {
	int row = width * s->c, rows = (WORK_FLOATS / row - (s->kh - 1) * s->dh - 1) / s->sh + 1;
	return max_i(1, min_i(s->oh, rows));
}

INLINE int padded_width(const Shape *s) { return (s->ow - 1) * s->sw + (s->kw - 1) * s->dw + 1; }

/* A row of `count` output pixels in all panels' columns p0..p1 through one list of segments. */
INLINE void pixel_tiles(const Segment *segments, int segment_count, const float *a, long a_step, const float *panel,
	float *out, long out_step, int count, const Finish *f) {
	int height;
	for (int x = 0; x < count; x += height) {
		height = tile_height(count - x);
		rows_tile(height, segments, segment_count, a + x * a_step, a_step, panel, out + x * out_step, out_step, f);
	}
}

/* words: x, packed, y, shape (15), bias or 0, relu. Units: images times blocks of output rows. */
KERNEL(conv) {
	Shape s = shape_at(c, 3);
	const float *bias = MAYBE(3 + SHAPE_WORDS);
	int width = padded_width(&s), rows = forward_rows(&s, width), blocks = (s.oh + rows - 1) / rows;
	int direct = s.pl == 0 && width <= s.w;
	long pitch = (long)(direct ? s.w : width) * s.c;
	int panels = panels_of(s.o), terms = s.kh * s.kw * s.c;
	for (int u = lo; u < hi; u++) {
		int n = u / blocks, y0 = u % blocks * rows, y1 = min_i(s.oh, y0 + rows);
		int h0 = max_i(0, y0 * s.sh - s.pt), h1 = min_i(s.h, (y1 - 1) * s.sh - s.pt + (s.kh - 1) * s.dh + 1);
		const float *image = FLOATS(0) + (long)n * s.h * s.w * s.c;
		const float *base = image + (long)h0 * s.w * s.c;
		if (!direct) {
			for (int h = h0; h < h1; h++) {
				copy_padded(c->scratch + (h - h0) * pitch, image + (long)h * s.w * s.c, s.w, s.c, s.pl, width);
			}
			base = c->scratch;
		}
		for (int p = 0; p < panels; p++) {
			Finish f = {bias ? bias + p * NR : 0, INT(4 + SHAPE_WORDS), 0, min_i(s.o - p * NR, NR)};
			const float *panel = FLOATS(1) + (long)p * terms * NR;
			for (int y = y0; y < y1; y++) {
				Segment segments[MOST_TAPS];
				int count = 0;
				for (int a = 0; a < s.kh; a++) {
					int h = y * s.sh - s.pt + a * s.dh;
					if (h < 0 || h >= s.h) {
						continue;
					}
					int pieces = s.dw == 1 ? 1 : s.kw;
					for (int b = 0; b < pieces; b++) {
						Segment segment = {(h - h0) * pitch + (long)b * s.dw * s.c, (long)(a * s.kw + b) * s.c,
							s.kw / pieces * s.c};
						segments[count++] = segment;
					}
				}
				pixel_tiles(segments, count, base, (long)s.sw * s.c, panel,
					FLOATS(2) + ((long)n * s.oh + y) * s.ow * s.o + p * NR, s.o, s.ow, &f);
			}
		}
	}
}

/* Rows of dX per unit. */
INLINE int input_rows(const Shape *s, int width) {
	int rows = (WORK_FLOATS / (width * s->o) - 1) * s->sh - (s->kh - 1) * s->dh;
	return max_i(1, min_i(s->h, rows));
}

/* The columns of dy that dX needs: from -left up to (but not) width - left. */
INLINE int input_left(const Shape *s) { return max_i(0, -floor_div(s->pl - (s->kw - 1) * s->dw, s->sw)); }
INLINE int input_width(const Shape *s) { return input_left(s) + (s->w - 1 + s->pl) / s->sw + 1; }

/* words: dy, packed taps, dx, shape (15). Units: images times blocks of input rows. A stride splits the pixels of a row
 * into phases; the pixels of one phase all use the same taps. */
KERNEL(conv_input) {
	Shape s = shape_at(c, 3);
	int left = input_left(&s), width = input_width(&s);
	int rows = input_rows(&s, width), blocks = (s.h + rows - 1) / rows;
	int direct = left == 0 && width <= s.ow;
	long pitch = (long)(direct ? s.ow : width) * s.o;
	int panels = panels_of(s.c), terms = s.kh * s.kw * s.o, merged = s.sw == 1 && s.dw == 1;
	for (int u = lo; u < hi; u++) {
		int n = u / blocks, y0 = u % blocks * rows, y1 = min_i(s.h, y0 + rows);
		int r0 = max_i(0, ceil_div(y0 + s.pt - (s.kh - 1) * s.dh, s.sh)), r1 = min_i(s.oh, (y1 - 1 + s.pt) / s.sh + 1);
		const float *image = FLOATS(0) + (long)n * s.oh * s.ow * s.o;
		const float *base = image + (long)r0 * s.ow * s.o;
		if (!direct) {
			for (int r = r0; r < r1; r++) {
				copy_padded(c->scratch + (r - r0) * pitch, image + (long)r * s.ow * s.o, s.ow, s.o, left, width);
			}
			base = c->scratch;
		}
		for (int p = 0; p < panels; p++) {
			Finish f = {0, 0, 0, min_i(s.c - p * NR, NR)};
			const float *panel = FLOATS(1) + (long)p * terms * NR;
			for (int y = y0; y < y1; y++) {
				for (int phase = 0; phase < min_i(s.sw, s.w); phase++) {
					Segment segments[MOST_TAPS];
					int count = 0;
					for (int a = s.kh - 1; a >= 0; a--) {
						int row = y + s.pt - a * s.dh;
						if (row < 0 || row % s.sh || row / s.sh >= s.oh) {
							continue;
						}
						for (int b = s.kw - 1; b >= (merged ? s.kw - 1 : 0); b--) {
							int column = phase + s.pl - b * s.dw;
							if (column - floor_div(column, s.sw) * s.sw) {
								continue;
							}
							Segment segment = {(row / s.sh - r0) * pitch + (long)(floor_div(column, s.sw) + left) * s.o,
								(long)((s.kh - 1 - a) * s.kw + s.kw - 1 - b) * s.o, merged ? s.kw * s.o : s.o};
							segments[count++] = segment;
						}
					}
					pixel_tiles(segments, count, base, s.o, panel,
						FLOATS(2) + (((long)n * s.h + y) * s.w + phase) * s.c + p * NR, (long)s.sw * s.c,
						(s.w - phase + s.sw - 1) / s.sw, &f);
				}
			}
		}
	}
}

/* Output rows whose share of the filter gradient is summed in registers. */
INLINE int filter_rows(const Shape *s) { return max_i(1, min_i(s->oh, 128 / s->ow)); }

/* One chunk of output rows: adds its share to the filter gradient `to`, for kernel rows a0..a1. */
static void filter_chunk(const Shape *s, const float *x, const float *dy, float *to, float *work, int y0, int y1, int a0,
	int a1, int first) {
	int width = padded_width(s), direct = s->pl == 0 && width <= s->w, panels = panels_of(s->o);
	long pitch = (long)(direct ? s->w : width) * s->c, o_step = (long)panels * NR;
	int h0 = max_i(0, y0 * s->sh - s->pt + a0 * s->dh);
	int h1 = min_i(s->h, (y1 - 1) * s->sh - s->pt + (a1 - 1) * s->dh + 1);
	const float *base = x + (long)h0 * s->w * s->c;
	if (!direct) {
		for (int h = h0; h < h1; h++) {
			copy_padded(work + (h - h0) * pitch, x + (long)h * s->w * s->c, s->w, s->c, s->pl, width);
		}
		base = work;
		work += max_i(0, h1 - h0) * pitch;
	}
	const float *d = dy + (long)y0 * s->ow * s->o;
	if (o_step != s->o) {
		/* A whole last panel, so that no load reaches past the tensor. */
		for (long i = 0; i < (long)(y1 - y0) * s->ow; i++) {
			copy(work + i * o_step, d + i * s->o, s->o);
			fill(work + i * o_step + s->o, 0, o_step - s->o);
		}
		d = work;
	}
	int pieces = s->dw == 1 ? 1 : s->kw, wide = s->kw / pieces * s->c;
	for (int p = 0; p < panels; p++) {
		Finish f = {0, 0, !first, min_i(s->o - p * NR, NR)};
		for (int a = a0; a < a1; a++) {
			int ya = y0, yb = y1;
			while (ya < yb && ya * s->sh - s->pt + a * s->dh < 0) {
				ya++;
			}
			while (ya < yb && (yb - 1) * s->sh - s->pt + a * s->dh >= s->h) {
				yb--;
			}
			for (int b = 0; b < pieces; b++) {
				const float *from = base + (long)(ya * s->sh - s->pt + a * s->dh - h0) * pitch + (long)b * s->dw * s->c;
				float *out = to + (long)(a * s->kw + b) * s->c * s->o + p * NR;
				int height;
				for (int m = 0; m < wide; m += height) {
					height = tile_height(wide - m);
					columns_tile(height, from + m, (long)s->sw * s->c, s->sh * pitch,
						d + (long)(ya - y0) * s->ow * o_step + p * NR, o_step, s->ow * o_step, s->ow, yb - ya,
						out + (long)m * s->o, s->o, &f);
				}
			}
		}
	}
}

/* words: x, dy, parts, shape (15), parts, groups. The chunks of output rows of the whole batch are dealt to a fixed number
 * of parts, each with its own sum; `add_parts` then adds them in order. Units: parts times groups of kernel rows. */
KERNEL(conv_filter) {
	Shape s = shape_at(c, 3);
	int parts = INT(3 + SHAPE_WORDS), groups = INT(4 + SHAPE_WORDS);
	int rows = filter_rows(&s), blocks = (s.oh + rows - 1) / rows;
	long chunks = (long)s.n * blocks, size = (long)s.kh * s.kw * s.c * s.o;
	for (int u = lo; u < hi; u++) {
		int part = u / groups, group = u % groups;
		int a0 = group * s.kh / groups, a1 = (group + 1) * s.kh / groups;
		long from = part * chunks / parts, to = (part + 1) * chunks / parts;
		for (long q = from; q < to; q++) {
			int n = (int)(q / blocks), y0 = (int)(q % blocks) * rows;
			filter_chunk(&s, FLOATS(0) + (long)n * s.h * s.w * s.c, FLOATS(1) + (long)n * s.oh * s.ow * s.o,
				FLOATS(2) + part * size, c->scratch, y0, min_i(s.oh, y0 + rows), a0, a1, q == from);
		}
	}
}

/* words: parts, out, size, parts. Units: blocks of 1024 outputs. */
KERNEL(add_parts) {
	long size = INT(2);
	for (int u = lo; u < hi; u++) {
		long from = u * 1024L, count = size - from < 1024 ? size - from : 1024;
		float *restrict to = FLOATS(1) + from;
		copy(to, FLOATS(0) + from, count);
		for (int part = 1; part < INT(3); part++) {
			const float *restrict x = FLOATS(0) + part * size + from;
			for (long i = 0; i < count; i++) {
				to[i] += x[i];
			}
		}
	}
}
