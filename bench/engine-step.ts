// One measurement in a process of its own: node --import tsx bench/engine-step.ts WORKLOAD TIER THREADS [STEPS]
import { createHash } from 'node:crypto';
import { startEngine, stopEngine } from '../src/engine/backend.ts';
import { adamStep, updateTogether } from '../src/engine/fused-optimizers.ts';
import { tf } from '../src/engine/tf.ts';
import { batch, flops, type MeasuredName, workloads } from './workloads.ts';

const warmUp = 5;
const [, , name, tier, threads, steps = '20'] = process.argv as unknown as [
	string,
	string,
	MeasuredName,
	string,
	string,
	string?,
];

// To see that it runs where there is no GPU; its figures then mean nothing.
const allowSoftware = process.env['GIMLET_BENCH_SOFTWARE'] === '1';
const info = await startEngine({ backend: tier, threads: Number(threads), allowSoftware });
const { variables, loss } = workloads[name]();
const slots = variables.map((variable) => ({
	m: tf.variable(tf.zerosLike(variable)),
	v: tf.variable(tf.zerosLike(variable)),
}));
const times: number[] = [];
const losses: number[] = [];
let first = 0;
for (let step = 1; step <= Number(steps) + warmUp; step++) {
	const begin = performance.now();
	losses.push(await train(step));
	if (step === 1) {
		first = Date.now() - performance.timeOrigin;
	}
	if (step > warmUp) {
		times.push(performance.now() - begin);
	}
}
times.sort((a, b) => a - b);
const median = times[times.length >> 1]!;
const hash = createHash('sha256');
for (const variable of variables) {
	hash.update(new Uint8Array((await variable.data()).slice().buffer));
}
console.log(
	JSON.stringify({
		engine: `${info.tier}-${info.threads}`,
		simd: info.simd,
		workload: name,
		ms: median,
		fastest: times[0],
		imagesPerSecond: (batch / median) * 1e3,
		gflops: (flops[name] * batch) / median / 1e6,
		firstStepMs: Math.round(first),
		residentMb: Math.round(process.memoryUsage().rss / 1e6),
		tensors: tf.memory().numTensors,
		firstLoss: losses[0],
		lastLoss: losses.at(-1),
		hash: hash.digest('hex').slice(0, 12),
	}),
);
await stopEngine();

async function train(step: number): Promise<number> {
	const { value, grads } = tf.variableGrads(loss, variables);
	updateTogether(() => {
		for (const [i, variable] of variables.entries()) {
			const gradient = grads[variable.name]!;
			adamStep({ variable, gradient, ...slots[i]!, step, learningRate: 1e-3, epsilon: 1e-7 });
		}
	});
	tf.dispose(grads);
	const [result] = await value.data();
	value.dispose();
	return result!;
}
