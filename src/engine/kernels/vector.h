/* Vectors of VL floats through the vector extensions that gcc and clang share. VL is set by the build, as is MR, the
 * height of the register tile: MR rows of two vectors must fit the register file together with three more vectors. */
#pragma once
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#ifndef VL
#define VL 4
#endif
#ifndef MR
#define MR 6
#endif
/* The width of a register tile and of a packed panel, in floats. */
#define NR (2 * VL)

#define INLINE static inline __attribute__((always_inline))

typedef float V __attribute__((vector_size(VL * 4)));
typedef int32_t VI __attribute__((vector_size(VL * 4)));
typedef float V4 __attribute__((vector_size(16)));
typedef int32_t VI4 __attribute__((vector_size(16)));

INLINE V load(const float *p) {
	V v;
	__builtin_memcpy(&v, p, sizeof v);
	return v;
}

INLINE void store(float *p, V v) { __builtin_memcpy(p, &v, sizeof v); }

INLINE V4 load4(const float *p) {
	V4 v;
	__builtin_memcpy(&v, p, sizeof v);
	return v;
}

INLINE void store4(float *p, V4 v) { __builtin_memcpy(p, &v, sizeof v); }

/* x - 0 rather than x + 0: it is x for every x, minus zero included, so that compilers drop it. */
INLINE V splat(float x) { return x - (V){0}; }

INLINE V fma_v(V a, V b, V c) {
#if defined(__wasm_relaxed_simd__)
	return (V)__builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
	return c + a * b;
#endif
}

/* x where the mask is set, else y. */
INLINE V choose(VI mask, V x, V y) { return (V)((mask & (VI)x) | (~mask & (VI)y)); }

INLINE V4 choose4(VI4 mask, V4 x, V4 y) { return (V4)((mask & (VI4)x) | (~mask & (VI4)y)); }

/* Comparisons with NaN are false: each of these asks so that NaN stays NaN. All bits set are a NaN, and setting them is
 * cheaper than choosing between two values. */

/* The larger of two: the first where they are equal, NaN where either is. */
INLINE V larger_v(V a, V b) { return (V)((VI)choose(b > a, b, a) | (b != b)); }

INLINE V4 larger_4(V4 a, V4 b) { return (V4)((VI4)choose4(b > a, b, a) | (b != b)); }

INLINE float larger(float a, float b) { return (b > a) | (b != b) ? b : a; }

/* Whether a value replaces the best so far: the first of the largest stays, and NaN is the largest of all. */
INLINE VI replaces_v(V value, V best) { return ~(value <= best) & (best == best); }

INLINE VI4 replaces_4(V4 value, V4 best) { return ~(value <= best) & (best == best); }

INLINE int replaces(float value, float best) { return !(value <= best) & (best == best); }

INLINE V relu_v(V x) { return (V)(~(x <= 0) & (VI)x); }

INLINE float relu_of(float x) { return x <= 0 ? 0 : x; }

/* What of the gradient d passes back through a relu whose value is y: all of it above zero, none below, NaN where y is. */
INLINE V through_relu_v(V y, V d) { return (V)(((y > 0) & (VI)d) | ((y != y) & (VI)y)); }

INLINE float through_relu(float y, float d) { return y > 0 ? d : y <= 0 ? 0 : y; }

INLINE V sqrt_v(V x) {
#if defined(__wasm__)
	return (V)__builtin_wasm_sqrt_f32x4(x);
#elif defined(__AVX512F__) && VL == 16
	return (V)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX__) && VL == 8
	return (V)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__) && VL == 4
	return (V)_mm_sqrt_ps((__m128)x);
#elif defined(__aarch64__) && VL == 4
	return (V)vsqrtq_f32((float32x4_t)x);
#else
	for (int i = 0; i < VL; i++) {
		x[i] = __builtin_sqrtf(x[i]);
	}
	return x;
#endif
}

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE4(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define SHUFFLE4(a, b, i, j, k, l) __builtin_shuffle(a, b, (VI4){i, j, k, l})
#endif

/* to[i * to_step + j] = from[j * from_step + i] for i, j in 0..3. */
INLINE void transpose4(float *to, long to_step, const float *from, long from_step) {
	V4 a = load4(from), b = load4(from + from_step), c = load4(from + 2 * from_step), d = load4(from + 3 * from_step);
	V4 ab_low = SHUFFLE4(a, b, 0, 4, 1, 5), ab_high = SHUFFLE4(a, b, 2, 6, 3, 7);
	V4 cd_low = SHUFFLE4(c, d, 0, 4, 1, 5), cd_high = SHUFFLE4(c, d, 2, 6, 3, 7);
	store4(to, SHUFFLE4(ab_low, cd_low, 0, 1, 4, 5));
	store4(to + to_step, SHUFFLE4(ab_low, cd_low, 2, 3, 6, 7));
	store4(to + 2 * to_step, SHUFFLE4(ab_high, cd_high, 0, 1, 4, 5));
	store4(to + 3 * to_step, SHUFFLE4(ab_high, cd_high, 2, 3, 6, 7));
}

INLINE int min_i(int a, int b) { return a < b ? a : b; }
INLINE int max_i(int a, int b) { return a > b ? a : b; }
/* Division that rounds down, also below zero; b is positive. */
INLINE int floor_div(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
INLINE int ceil_div(int a, int b) { return -floor_div(-a, b); }
