import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import test from 'ava';
import { startEngine, stopEngine } from '../../src/engine/backend.ts';
import { adamStep, rmspropStep, sgdStep } from '../../src/engine/fused-optimizers.ts';
import { tf } from '../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

const size = 5003;
const steps = 12;
const start = Float64Array.from({ length: size }, (_, i) => Math.sin(i));
const slope = (w: number, i: number) => Math.cos(w * 3) + (i % 7) / 10;

type Scalars = { w: number; a: number; b: number; c: number };
type Update = (s: Scalars, g: number, step: number) => Scalars;
type Engine = (common: Common, slots: Variable[], step: number) => void;

const rate = 0.02;

type Common = { variable: Variable; gradient: Tensor; learningRate: number };

const updates: { readonly [name: string]: { readonly exact: Update; readonly engine: Engine } } = {
	adam: {
		exact: (s, g, step) => adam(s, g, step, 0),
		engine: (common, [m, v], step) => adamStep({ ...common, m: m!, v: v!, step }),
	},
	'adam with decoupled decay': {
		exact: (s, g, step) => adam(s, g * 0.5, step, 0.3),
		engine: (common, [m, v], step) => adamStep({ ...common, m: m!, v: v!, step, weightDecay: 0.3, gradientScale: 0.5 }),
	},
	sgd: {
		exact: (s, g) => ({ ...s, w: s.w - rate * g }),
		engine: (common) => sgdStep(common),
	},
	momentum: {
		exact: (s, g) => {
			const a = 0.9 * s.a + g;
			return { ...s, a, w: s.w - rate * a };
		},
		engine: (common, [velocity]) => sgdStep({ ...common, velocity: velocity!, momentum: 0.9 }),
	},
	nesterov: {
		exact: (s, g) => {
			const a = 0.9 * s.a + g;
			return { ...s, a, w: s.w * (1 - rate * 0.1) - rate * (g + 0.9 * a) };
		},
		engine: (common, [velocity]) =>
			sgdStep({ ...common, velocity: velocity!, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
	},
	rmsprop: {
		exact: (s, g) => {
			const a = 0.8 * s.a + 0.2 * g * g;
			return { ...s, a, w: s.w - (rate * g) / (Math.sqrt(a) + 1e-6) };
		},
		engine: (common, [meanSquare]) => rmspropStep({ ...common, meanSquare: meanSquare!, rho: 0.8, epsilon: 1e-6 }),
	},
	'rmsprop, centred with momentum': {
		exact: (s, g) => {
			const a = 0.8 * s.a + 0.2 * g * g;
			const b = 0.8 * s.b + 0.2 * g;
			const c = 0.5 * s.c + g / (Math.sqrt(Math.max(0, a - b * b)) + 0.1);
			return { a, b, c, w: s.w - rate * c };
		},
		engine: (common, [meanSquare, mean, velocity]) =>
			rmspropStep({
				...common,
				meanSquare: meanSquare!,
				mean: mean!,
				velocity: velocity!,
				rho: 0.8,
				momentum: 0.5,
				epsilon: 0.1,
			}),
	},
};

for (const { name, backend, threads, allowSoftware = false } of tiers) {
	test.serial(`${name}: every optimizer follows its formula and keeps NaN`, async (t) => {
		await startEngine({ backend, threads, allowSoftware });
		for (const [optimizer, { exact, engine }] of Object.entries(updates)) {
			const expected = Array.from(start, (w) => ({ w, a: 0, b: 0, c: 0 }));
			const variable = tf.variable(tf.tensor1d(Float32Array.from(start)));
			const slots = [0, 1, 2].map(() => tf.variable(tf.zeros([size])));
			for (let step = 1; step <= steps; step++) {
				for (const [i, s] of expected.entries()) {
					expected[i] = exact(s, slope(s.w, i), step);
				}
				const gradient = tf.tensor1d(Float32Array.from(await variable.data(), slope));
				engine({ variable, gradient, learningRate: rate }, slots, step);
				gradient.dispose();
			}
			const found = await variable.data();
			const furthest = expected.reduce((most, { w }, i) => Math.max(most, Math.abs(w - found[i]!)), 0);
			t.true(furthest < 2e-5, `${optimizer}: off by ${furthest}`);
			const broken = tf.tensor1d(Float32Array.from(start, (w, i) => (i === 3 || i === size - 1 ? Number.NaN : w)));
			engine({ variable, gradient: broken, learningRate: rate }, slots, steps + 1);
			const places = [...(await variable.data()).entries()].filter(([, w]) => Number.isNaN(w)).map(([i]) => i);
			t.deepEqual(places, [3, size - 1], `${optimizer}: a NaN gradient is NaN in its weight and in no other`);
		}
		await stopEngine();
	});
}

for (const { name, backend, threads, allowSoftware = false } of tiers) {
	test.serial(`${name}: running means take 1 - decay of a gradient to the last bit`, async (t) => {
		await startEngine({ backend, threads, allowSoftware });
		const zeros = () => tf.variable(tf.zeros([21]));
		const [variable, m, v, meanSquare, mean] = [zeros(), zeros(), zeros(), zeros(), zeros()];
		const common = { variable, gradient: tf.ones([21]), learningRate: 1 };
		adamStep({ ...common, m, v, step: 1 });
		rmspropStep({ ...common, meanSquare, mean, rho: 0.99 });
		for (const [slot, share] of [
			[m, 0.1],
			[v, 0.001],
			[meanSquare, 0.01],
			[mean, 0.01],
		] as const) {
			t.deepEqual(await slot.data(), new Float32Array(21).fill(share));
		}
		await stopEngine();
	});
}

for (const { name, backend, threads, allowSoftware = false } of tiers) {
	test.serial(`${name}: a kept copy of a slot does not change with it`, async (t) => {
		await startEngine({ backend, threads, allowSoftware });
		const variable = tf.variable(tf.ones([8]));
		const velocity = tf.variable(tf.zeros([8]));
		const kept = tf.clone(velocity);
		sgdStep({ variable, gradient: tf.ones([8]), learningRate: 1, velocity, momentum: 0.5 });
		t.deepEqual([...(await kept.data())], Array(8).fill(0));
		t.deepEqual([...(await velocity.data())], Array(8).fill(1));
		t.throws(() => sgdStep({ variable, gradient: tf.ones([7]), learningRate: 1 }), { message: /shape \[7\]/ });
		await stopEngine();
	});
}

function adam(s: Scalars, g: number, step: number, decay: number): Scalars {
	const a = 0.9 * s.a + 0.1 * g;
	const b = 0.999 * s.b + 0.001 * g * g;
	const change = a / (1 - 0.9 ** step) / (Math.sqrt(b / (1 - 0.999 ** step)) + 1e-8);
	return { ...s, a, b, w: s.w * (1 - rate * decay) - rate * change };
}
