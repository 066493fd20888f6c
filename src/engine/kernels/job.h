/* One job at a time: a kernel, its arguments and how many units it has. The thread that asks takes part; others join while
 * units remain. Who computes what is not fixed, what is computed is. */
#pragma once
#include "context.h"

#define MOST_WORDS 48
#define CLOSED 0x40000000

/* Also read and written by src/engine/host.ts, word by word. */
typedef struct {
	int32_t kernel, units, grain;
	/* Where the threads' work spaces begin, and how many bytes each has. */
	uint32_t scratch, stride;
	int32_t words[MOST_WORDS];
} Job;

typedef struct {
	/* Changes with every job. */
	int32_t generation;
	/* How many threads besides the asking one are inside, and whether the door is closed. */
	int32_t state;
	/* The next unit to be taken. */
	int32_t next;
	int32_t quit;
} Gate;

#define ATOMIC_LOAD(p) __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define ATOMIC_STORE(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)
#define ATOMIC_ADD(p, v) __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)

/* Joins the running job unless it has ended. A thread that wakes late may join a later job, which is as good. */
INLINE int enter(Gate *gate) {
	int32_t state = ATOMIC_LOAD(&gate->state);
	while (!(state & CLOSED)) {
		if (__atomic_compare_exchange_n(&gate->state, &state, state + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			return 1;
		}
	}
	return 0;
}

INLINE void leave(Gate *gate) { ATOMIC_ADD(&gate->state, -1); }
