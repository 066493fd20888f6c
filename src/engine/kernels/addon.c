/* The kernels as an addon for Node: the same jobs on the same memory, for the instructions of this machine. */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include "native.h"

#define MOST_THREADS 64
/* About 0.4 ms: longer than what JavaScript does between two jobs of a step, shorter than what anyone would miss. */
#define SPINS 20000

#if defined(__x86_64__)
extern const Engine engine_sse, engine_avx2, engine_avx512;
#elif defined(__aarch64__)
extern const Engine engine_neon;
#else
extern const Engine engine_portable;
#endif

static const Engine *engine;
static const char *simd;
static uint8_t *heap;
static uint32_t job_at;
static Gate gate;
static int thread_count, sleepers;
static pthread_t threads[MOST_THREADS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void choose_engine(void) {
#if defined(__x86_64__)
	__builtin_cpu_init();
	engine = &engine_sse, simd = "sse";
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
		engine = &engine_avx2, simd = "avx2";
	}
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
		engine = &engine_avx512, simd = "avx512";
	}
	/* For comparisons and for tests of the narrower builds. */
	const char *wanted = getenv("GIMLET_SIMD");
	if (wanted && wanted[0] == 's' && wanted[1] == 's') {
		engine = &engine_sse, simd = "sse";
	} else if (wanted && wanted[0] == 'a' && wanted[3] == '2' && engine == &engine_avx512) {
		engine = &engine_avx2, simd = "avx2";
	}
#elif defined(__aarch64__)
	engine = &engine_neon, simd = "neon";
#else
	engine = &engine_portable, simd = "none";
#endif
}

INLINE void relax(void) {
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static const Job *job(void) { return (const Job *)(heap + job_at); }

static void *serve(void *argument) {
	int thread = (int)(intptr_t)argument;
	int32_t seen = 0;
	for (;;) {
		for (int spins = 0; spins < SPINS && ATOMIC_LOAD(&gate.generation) == seen; spins++) {
			relax();
		}
		if (ATOMIC_LOAD(&gate.generation) == seen) {
			pthread_mutex_lock(&mutex);
			ATOMIC_ADD(&sleepers, 1);
			while (ATOMIC_LOAD(&gate.generation) == seen) {
				pthread_cond_wait(&condition, &mutex);
			}
			ATOMIC_ADD(&sleepers, -1);
			pthread_mutex_unlock(&mutex);
		}
		seen = ATOMIC_LOAD(&gate.generation);
		if (ATOMIC_LOAD(&gate.quit)) {
			return 0;
		}
		if (enter(&gate)) {
			engine->take_part(job(), &gate, heap, thread);
			leave(&gate);
		}
	}
}

static void announce(void) {
	ATOMIC_ADD(&gate.generation, 1);
	if (ATOMIC_LOAD(&sleepers) > 0) {
		pthread_mutex_lock(&mutex);
		pthread_cond_broadcast(&condition);
		pthread_mutex_unlock(&mutex);
	}
}

static napi_value run(napi_env env, napi_callback_info info) {
	(void)env, (void)info;
	engine->compute(job(), heap, 0, 0, job()->units);
	return 0;
}

static napi_value run_together(napi_env env, napi_callback_info info) {
	(void)env, (void)info;
	ATOMIC_STORE(&gate.next, 0);
	ATOMIC_STORE(&gate.state, 0);
	announce();
	engine->take_part(job(), &gate, heap, 0);
	int32_t state = __atomic_or_fetch(&gate.state, CLOSED, __ATOMIC_SEQ_CST);
	for (int spins = 0; state != CLOSED; spins++, state = ATOMIC_LOAD(&gate.state)) {
		if (spins > SPINS) {
			sched_yield();
		} else {
			relax();
		}
	}
	return 0;
}

static napi_value close_threads(napi_env env, napi_callback_info info) {
	(void)env, (void)info;
	if (thread_count > 1) {
		ATOMIC_STORE(&gate.quit, 1);
		announce();
		for (int i = 1; i < thread_count; i++) {
			pthread_join(threads[i], 0);
		}
	}
	thread_count = 0;
	return 0;
}

static int unsigned_argument(napi_env env, napi_value value, uint32_t *to) {
	return napi_get_value_uint32(env, value, to) == napi_ok;
}

/* useMemory(bytes: Uint8Array): where the memory begins now. */
static napi_value use_memory(napi_env env, napi_callback_info info) {
	size_t count = 1;
	napi_value arguments[1];
	void *data = 0;
	if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok ||
		napi_get_typedarray_info(env, arguments[0], 0, 0, &data, 0, 0) != napi_ok) {
		napi_throw_type_error(env, 0, "useMemory takes a Uint8Array");
		return 0;
	}
	heap = data;
	return 0;
}

/* open(job: number, threads: number): starts the threads. */
static napi_value open_threads(napi_env env, napi_callback_info info) {
	size_t count = 2;
	napi_value arguments[2];
	uint32_t wanted;
	if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok || count != 2 ||
		!unsigned_argument(env, arguments[0], &job_at) || !unsigned_argument(env, arguments[1], &wanted)) {
		napi_throw_type_error(env, 0, "open takes the job's address and a number of threads");
		return 0;
	}
	Gate fresh = {0, CLOSED, 0, 0};
	gate = fresh;
	int rising = (int)wanted < MOST_THREADS ? (int)wanted : MOST_THREADS;
	thread_count = 1;
	for (int i = 1; i < rising; i++) {
		if (pthread_create(&threads[i], 0, serve, (void *)(intptr_t)i) != 0) {
			break;
		}
		thread_count++;
	}
	return 0;
}

static void add_function(napi_env env, napi_value to, const char *name, napi_callback callback) {
	napi_value function;
	if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, 0, &function) == napi_ok) {
		napi_set_named_property(env, to, name, function);
	}
}

static void add_number(napi_env env, napi_value to, const char *name, int value) {
	napi_value number;
	if (napi_create_int32(env, value, &number) == napi_ok) {
		napi_set_named_property(env, to, name, number);
	}
}

NAPI_MODULE_INIT() {
	choose_engine();
	add_function(env, exports, "useMemory", use_memory);
	add_function(env, exports, "open", open_threads);
	add_function(env, exports, "run", run);
	add_function(env, exports, "runTogether", run_together);
	add_function(env, exports, "close", close_threads);
	add_number(env, exports, "tileRows", engine->tile_rows);
	add_number(env, exports, "tileColumns", engine->tile_columns);
	add_number(env, exports, "jobBytes", (int)sizeof(Job));
	napi_value name;
	/* Which source this was built from: src/engine/native-runner.ts refuses any other than its own. */
	if (napi_create_string_utf8(env, SOURCE, NAPI_AUTO_LENGTH, &name) == napi_ok) {
		napi_set_named_property(env, exports, "source", name);
	}
	if (napi_create_string_utf8(env, simd, NAPI_AUTO_LENGTH, &name) == napi_ok) {
		napi_set_named_property(env, exports, "simd", name);
	}
	return exports;
}
