/* C = A B, with B packed in panels of NR columns: panel[k][0..NR). */
#pragma once
#include "tile.h"

/* Terms of the inner dimension done at a time, so that a panel's share stays in the first-level cache. */
#define K_BLOCK 384
#define ROW_BLOCK (8 * MR)
#define PANEL_BLOCK 4

/* One panel of B(k, n) = b[k * k_step + n * n_step], of which one step is 1; missing columns are zero. */
static void pack_panel(float *to, const float *b, int k_count, int columns, long k_step, long n_step) {
	if (columns == NR && n_step == 1) {
		for (int k = 0; k < k_count; k++) {
			store(to + k * NR, load(b + k * k_step));
			store(to + k * NR + VL, load(b + k * k_step + VL));
		}
		return;
	}
	int k = 0;
	if (columns == NR && k_step == 1) {
		for (; k + 4 <= k_count; k += 4) {
			for (int j = 0; j < NR; j += 4) {
				transpose4(to + k * NR + j, NR, b + k + j * n_step, n_step);
			}
		}
	}
	for (; k < k_count; k++) {
		for (int j = 0; j < NR; j++) {
			to[k * NR + j] = j < columns ? b[k * k_step + j * n_step] : 0;
		}
	}
}

/* words: packed, b, K, N, k_step, n_step, batch stride of b. Units: batches times panels. */
KERNEL(pack) {
	int k = INT(2), n = INT(3), panels = panels_of(n);
	long k_step = INT(4), n_step = INT(5);
	for (int u = lo; u < hi; u++) {
		int batch = u / panels, column = (u % panels) * NR;
		const float *b = FLOATS(1) + (long)batch * INT(6);
		pack_panel(FLOATS(0) + (long)u * k * NR, b + column * n_step, k, min_i(n - column, NR), k_step, n_step);
	}
}

/* words: packed, w, taps, C, O. Packs w[tap][c][o] for the input gradient: B((tap reversed, o), c). Units: panels. */
KERNEL(pack_taps) {
	int taps = INT(2), channels = INT(3), outputs = INT(4);
	for (int u = lo; u < hi; u++) {
		int column = u * NR, columns = min_i(channels - column, NR);
		float *to = FLOATS(0) + (long)u * taps * outputs * NR;
		for (int t = 0; t < taps; t++) {
			const float *w = FLOATS(1) + ((long)(taps - 1 - t) * channels + column) * outputs;
			pack_panel(to + (long)t * outputs * NR, w, outputs, columns, 1, outputs);
		}
	}
}

typedef struct {
	const float *a, *packed, *bias;
	float *out;
	int m, n, k, relu, across;
	long a_step;
} Product;

/* Rows m0..m1 and panels p0..p1 of a product; `across`: A(m, k) = a[k * a_step + m]. */
static void product_block(const Product *g, float *scratch, int m0, int m1, int p0, int p1) {
	/* Even blocks: a short last one would cost as much reading and writing of the output as a whole one. */
	int blocks = max_i(1, (g->k + K_BLOCK - 1) / K_BLOCK), each = (g->k + blocks - 1) / blocks;
	for (int k0 = 0; k0 < g->k || k0 == 0; k0 += max_i(1, each)) {
		int k = min_i(g->k - k0, each), last = k0 + k >= g->k;
		Segment segment = {0, k0, k};
		Finish f = {0, last && g->relu, k0 > 0, NR};
		if (g->across) {
			int height;
			for (int m = m0; m < m1; m += height) {
				height = tile_height(m1 - m);
				for (int j = 0; j < k; j++) {
					for (int i = 0; i < height; i++) {
						scratch[j * height + i] = g->a[(k0 + j) * g->a_step + m + i];
					}
				}
				for (int p = p0; p < p1; p++) {
					f.columns = min_i(g->n - p * NR, NR);
					f.bias = last && g->bias ? g->bias + p * NR : 0;
					columns_tile(height, scratch, height, 0, g->packed + ((long)p * g->k + k0) * NR, NR, 0, k, 1,
						g->out + (long)m * g->n + p * NR, g->n, &f);
				}
			}
			continue;
		}
		for (int p = p0; p < p1; p++) {
			f.columns = min_i(g->n - p * NR, NR);
			f.bias = last && g->bias ? g->bias + p * NR : 0;
			int height;
			for (int m = m0; m < m1; m += height) {
				height = tile_height(m1 - m);
				rows_tile(height, &segment, 1, g->a + m * g->a_step + k0, g->a_step,
					g->packed + (long)p * g->k * NR, g->out + (long)m * g->n + p * NR, g->n, &f);
			}
		}
	}
}

/* Panels a unit computes: all of them where rows alone give enough units. */
INLINE int panels_per_unit(int m, int n) {
	int row_blocks = (m + ROW_BLOCK - 1) / ROW_BLOCK;
	return row_blocks >= 8 ? panels_of(n) : PANEL_BLOCK;
}

/* words: a, packed, out, bias or 0, M, N, K, a_step, across, relu, batch stride of a, of packed. */
/* Units: batches times row blocks times panel blocks; `product_units` counts them. */
KERNEL(product) {
	int m = INT(4), n = INT(5), panels = panels_of(n), per_unit = panels_per_unit(m, n);
	int row_blocks = (m + ROW_BLOCK - 1) / ROW_BLOCK, panel_blocks = (panels + per_unit - 1) / per_unit;
	for (int u = lo; u < hi; u++) {
		int panel_block = u % panel_blocks, row_block = u / panel_blocks % row_blocks;
		long batch = u / panel_blocks / row_blocks;
		Product g = {FLOATS(0) + batch * INT(10), FLOATS(1) + batch * INT(11), MAYBE(3), FLOATS(2) + batch * m * n, m, n,
			INT(6), INT(9), INT(8), INT(7)};
		product_block(&g, c->scratch, row_block * ROW_BLOCK, min_i(m, (row_block + 1) * ROW_BLOCK),
			panel_block * per_unit, min_i(panels, (panel_block + 1) * per_unit));
	}
}
