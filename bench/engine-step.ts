// One measurement in a process of its own: engine-step WORKLOAD TIER THREADS SECONDS [BEGIN]
// BEGIN is when the process was asked for, in ms since 1970. The workload `peak` is a large matrix product.
import { createHash } from 'node:crypto';
import { startEngine, stopEngine } from '../src/engine/backend.ts';
import { tf } from '../src/engine/tf.ts';
import { peakProduct } from './peak.ts';
import { trainer } from './trainer.ts';
import { batch, flops, type MeasuredName } from './workloads.ts';

const [, , name, tier, threads, seconds = '1', begin = String(performance.timeOrigin)] = process.argv as string[];
/** Weights are compared after these steps, which are not measured. */
const warmUp = 3;
const leastSteps = 3;

// To see that it runs where there is no GPU; its figures then mean nothing.
const allowSoftware = process.env['GIMLET_BENCH_SOFTWARE'] === '1';
const info = await startEngine({ backend: tier!, threads: Number(threads), allowSoftware });
const engine = `${info.tier}-${info.threads}`;
if (name === 'peak') {
	console.log(JSON.stringify({ engine, gflops: peakProduct(Number(seconds)) }));
} else {
	console.log(JSON.stringify({ engine, simd: info.simd, workload: name, ...(await measure(name as MeasuredName)) }));
}
await stopEngine();

async function measure(workload: MeasuredName) {
	const { train, variables } = trainer(workload);
	const losses = [await train()];
	const firstStepMs = Math.round(Date.now() - Number(begin));
	while (losses.length < warmUp) {
		losses.push(await train());
	}
	const hash = createHash('sha256');
	for (const variable of variables) {
		hash.update(new Uint8Array((await variable.data()).slice().buffer));
	}
	const times: number[] = [];
	for (
		const start = performance.now();
		times.length < leastSteps || performance.now() - start < Number(seconds) * 1e3;
	) {
		const before = performance.now();
		losses.push(await train());
		times.push(performance.now() - before);
	}
	times.sort((a, b) => a - b);
	const ms = times[times.length >> 1]!;
	return {
		ms,
		fastest: times[0],
		imagesPerSecond: (batch / ms) * 1e3,
		gflops: (flops[workload] * batch) / ms / 1e6,
		firstStepMs,
		residentMb: Math.round(process.memoryUsage().rss / 1e6),
		tensors: tf.memory().numTensors,
		firstLoss: losses[0],
		lastLoss: losses.at(-1),
		hash: hash.digest('hex').slice(0, 12),
	};
}
