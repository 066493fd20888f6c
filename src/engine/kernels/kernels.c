/* The training kernels: one translation unit per instruction set. Built for WebAssembly (scripts/build-kernels.ts) and,
 * where a C compiler is found, for the machine itself (scripts/install-native.mjs). */
#include "conv.h"
#include "depthwise.h"
#include "elementwise.h"
#include "gemm.h"
#include "job.h"
#include "kernels.h"
#include "loss.h"
#include "normalise.h"
#include "optimize.h"
#include "pool.h"
#include "rearrange.h"
#include "reduce.h"

enum {
#define NUMBER(name) number_##name,
	EACH_KERNEL(NUMBER)
};

static void compute(const Job *job, uint8_t *heap, int thread, int lo, int hi) {
	Context c = {heap, job->words, (float *)((uintptr_t)heap + job->scratch + (uint32_t)thread * job->stride)};
	switch (job->kernel) {
#define CASE(name) \
	case number_##name: name(&c, lo, hi); break;
		EACH_KERNEL(CASE)
	}
}

/* Takes units until none is left. */
static void take_part(const Job *job, Gate *gate, uint8_t *heap, int thread) {
	for (;;) {
		int lo = ATOMIC_ADD(&gate->next, job->grain);
		if (lo >= job->units) {
			return;
		}
		compute(job, heap, thread, lo, min_i(job->units, lo + job->grain));
	}
}

#ifdef __wasm__
#include "wasm.h"
#else
#include "native.h"
/* Declared by addon.c under the name that the build gives this instruction set. */
const Engine ENGINE = {compute, take_part, MR, NR};
#endif
