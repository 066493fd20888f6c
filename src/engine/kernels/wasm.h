/* The WebAssembly module's exports. Each thread has an instance of its own on one memory and a stack of its own. */
#pragma once
#include "job.h"

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(tile_rows) int tile_rows(void) { return MR; }
EXPORT(tile_columns) int tile_columns(void) { return NR; }

/* Computes the whole job on the calling thread. */
EXPORT(run) void run(const Job *job) { compute(job, (uint8_t *)0, 0, 0, job->units); }

#ifdef THREADS
/* As long as in addon.c, about. */
#define SPINS 30000

/* Computes the job together with whoever is waiting in `serve`. */
EXPORT(run_together) void run_together(const Job *job, Gate *gate) {
	ATOMIC_STORE(&gate->next, 0);
	ATOMIC_STORE(&gate->state, 0);
	ATOMIC_ADD(&gate->generation, 1);
	__builtin_wasm_memory_atomic_notify(&gate->generation, 0x7fffffff);
	take_part(job, gate, (uint8_t *)0, 0);
	int32_t state = __atomic_or_fetch(&gate->state, CLOSED, __ATOMIC_SEQ_CST);
	for (int spins = 0; state != CLOSED; spins++, state = ATOMIC_LOAD(&gate->state)) {
		if (spins > SPINS) {
			__builtin_wasm_memory_atomic_wait32(&gate->state, state, 100000);
		}
	}
}

/* A thread's whole life: waits for jobs and takes part, until told to quit. */
EXPORT(serve) void serve(const Job *job, Gate *gate, int thread) {
	int32_t seen = 0;
	for (;;) {
		for (int spins = 0; ATOMIC_LOAD(&gate->generation) == seen; spins++) {
			if (spins > SPINS) {
				__builtin_wasm_memory_atomic_wait32(&gate->generation, seen, -1LL);
			}
		}
		seen = ATOMIC_LOAD(&gate->generation);
		if (ATOMIC_LOAD(&gate->quit)) {
			return;
		}
		if (enter(gate)) {
			take_part(job, gate, (uint8_t *)0, thread);
			leave(gate);
			__builtin_wasm_memory_atomic_notify(&gate->state, 1);
		}
	}
}

EXPORT(dismiss) void dismiss(Gate *gate) {
	ATOMIC_STORE(&gate->quit, 1);
	ATOMIC_ADD(&gate->generation, 1);
	__builtin_wasm_memory_atomic_notify(&gate->generation, 0x7fffffff);
}
#endif
