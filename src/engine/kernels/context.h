/* What a kernel is given. Every kernel computes the units lo..hi of its work; a unit writes outputs that no other unit
 * writes and reads nothing that another writes, so results do not depend on who computes which unit. */
#pragma once
#include "vector.h"

typedef struct {
	/* Addresses are 32-bit offsets from here: 0 inside WebAssembly, the memory's first byte outside. */
	uint8_t *heap;
	/* The arguments: 32-bit words, each an address, an integer or the bits of a float. */
	const int32_t *words;
	/* This thread's own work space. */
	float *scratch;
} Context;

typedef void Kernel(const Context *c, int lo, int hi);

/* Not joined into one function with all others, where what one kernel holds in registers would depend on its neighbours. */
#define KERNEL(name) static __attribute__((noinline)) void name(const Context *c, int lo, int hi)
#define INT(i) (c->words[i])
/* As integers: a compiler that sees 0 plus an offset may take the pointer for null. */
#define FLOATS(i) ((float *)((uintptr_t)c->heap + (uint32_t)c->words[i]))
#define INTS(i) ((int32_t *)((uintptr_t)c->heap + (uint32_t)c->words[i]))
#define BYTES(i) ((uint8_t *)((uintptr_t)c->heap + (uint32_t)c->words[i]))
/* An optional tensor: address 0 stands for none. */
#define MAYBE(i) (c->words[i] ? FLOATS(i) : (float *)0)

INLINE float real_word(const Context *c, int i) {
	float value;
	__builtin_memcpy(&value, c->words + i, 4);
	return value;
}
#define REAL(i) real_word(c, i)

INLINE void fill(float *to, float value, long n) {
	for (long i = 0; i < n; i++) {
		to[i] = value;
	}
}

INLINE void copy(float *restrict to, const float *restrict from, long n) {
	for (long i = 0; i < n; i++) {
		to[i] = from[i];
	}
}
