/* What one instruction set's build of the kernels offers to the addon. */
#pragma once
#include "job.h"

typedef struct {
	void (*compute)(const Job *job, uint8_t *heap, int thread, int lo, int hi);
	void (*take_part)(const Job *job, Gate *gate, uint8_t *heap, int thread);
	int tile_rows, tile_columns;
} Engine;
