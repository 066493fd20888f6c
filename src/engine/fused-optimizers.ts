import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import * as gpu from './gpu/optimizers.ts';
import { onWebgpu } from './gpu/webgpu.ts';
import { address, output } from './ops/kernel.ts';
import { tf } from './tf.ts';
import { hasKernels, host, wasmBackend } from './wasm-backend.ts';

/** What every update has. */
export interface UpdateOptions {
	/** Changed by the update: it holds the new weights afterwards, in a new buffer. */
	readonly variable: Variable;
	/** Of the variable's shape; left alone. */
	readonly gradient: Tensor;
	readonly learningRate: number;
	/** Decoupled: the weights shrink by learningRate times this, whatever the gradient. 0 by default. */
	readonly weightDecay?: number;
	/** Multiplies the gradient first, as clipping by a global norm asks for. 1 by default. */
	readonly gradientScale?: number;
}

export interface AdamOptions extends UpdateOptions {
	/** Slots of the variable's shape, zero before the first step; changed by the update. */
	readonly m: Variable;
	readonly v: Variable;
	/** The number of this update, 1 for the first. */
	readonly step: number;
	readonly beta1?: number;
	readonly beta2?: number;
	readonly epsilon?: number;
	/** Our kernels take 1 - beta1 and 1 - beta2 in single precision, as they did once: for runs that began then. */
	readonly inSingle?: boolean;
}

/**
 * One Adam update; with `weightDecay` it is AdamW. w <- w (1 - rate decay) - rate m' / (sqrt(v') + epsilon), where m' and
 * v' are the moments with their bias corrected. Kingma and Ba 2015; Loshchilov and Hutter 2019.
 */
export function adamStep(options: AdamOptions): void {
	checkGradient(options);
	const { variable, gradient, m, v, step, learningRate } = options;
	const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, gradientScale = 1, inSingle = false } = options;
	const correction = Math.sqrt(1 - beta2 ** step);
	const rate = (learningRate * correction) / (1 - beta1 ** step);
	const keep = 1 - learningRate * weightDecay;
	if (hasKernels()) {
		const rests = [beta1, beta2].map((beta) => rest(beta, inSingle));
		const numbers = [beta1, beta2, ...rests, rate, epsilon * correction, gradientScale];
		update('adam', { variable, gradient, slots: [m, v], keep }, numbers);
		return;
	}
	if (onWebgpu()) {
		const [rest1, rest2] = [1 - beta1, 1 - beta2];
		const numbers = { scale: gradientScale, keep, rate, beta1, rest1, beta2, rest2, epsilon: epsilon * correction };
		gpu.update(gpu.adam, variable, gradient, { m, v }, numbers);
		return;
	}
	tf.tidy(() => {
		const g = tf.mul(gradient, gradientScale);
		m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
		v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
		const change = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon * correction));
		variable.assign(tf.sub(tf.mul(variable, keep), change));
	});
}

export interface SgdOptions extends UpdateOptions {
	/** A slot of the variable's shape, zero before the first step; needed where `momentum` is not 0. */
	readonly velocity?: Variable;
	readonly momentum?: number;
	/** Looks ahead along the velocity. Sutskever et al. 2013. */
	readonly nesterov?: boolean;
}

/** One step of gradient descent: velocity <- momentum velocity + g, w <- w (1 - rate decay) - rate velocity. */
export function sgdStep(options: SgdOptions): void {
	checkGradient(options);
	const { variable, gradient, learningRate, velocity } = options;
	const { momentum = 0, nesterov = false, weightDecay = 0, gradientScale = 1 } = options;
	const keep = 1 - learningRate * weightDecay;
	if (momentum !== 0 && velocity === undefined) {
		throw new TypeError('sgdStep: momentum needs a velocity slot');
	}
	if (hasKernels()) {
		const numbers = [learningRate, momentum, nesterov ? 1 : 0, gradientScale];
		update('sgd', { variable, gradient, slots: [velocity], keep }, numbers);
		return;
	}
	if (onWebgpu()) {
		const rule = gpu.sgd(velocity !== undefined, nesterov);
		gpu.update(rule, variable, gradient, { velocity }, { scale: gradientScale, keep, rate: learningRate, momentum });
		return;
	}
	tf.tidy(() => {
		const g = tf.mul(gradient, gradientScale);
		const next = velocity && tf.add(tf.mul(velocity, momentum), g);
		const direction = next === undefined ? g : nesterov ? tf.add(g, tf.mul(next, momentum)) : next;
		variable.assign(tf.sub(tf.mul(variable, keep), tf.mul(direction, learningRate)));
		if (next !== undefined) {
			velocity?.assign(next);
		}
	});
}

export interface RmspropOptions extends UpdateOptions {
	/** The running mean of the squared gradient, zero before the first step. */
	readonly meanSquare: Variable;
	/** The running mean of the gradient; given, the update is the centred one. */
	readonly mean?: Variable;
	/** Needed where `momentum` is not 0. */
	readonly velocity?: Variable;
	readonly rho?: number;
	readonly momentum?: number;
	readonly epsilon?: number;
	/** As `inSingle` of Adam, for 1 - rho. */
	readonly inSingle?: boolean;
}

/** One RMSprop update: w <- w (1 - rate decay) - rate g / (sqrt(mean square) + epsilon). Tieleman and Hinton 2012. */
export function rmspropStep(options: RmspropOptions): void {
	checkGradient(options);
	const { variable, gradient, learningRate, meanSquare, mean, velocity } = options;
	const { rho = 0.9, momentum = 0, epsilon = 1e-8, weightDecay = 0, gradientScale = 1, inSingle = false } = options;
	const keep = 1 - learningRate * weightDecay;
	if (momentum !== 0 && velocity === undefined) {
		throw new TypeError('rmspropStep: momentum needs a velocity slot');
	}
	if (hasKernels()) {
		const numbers = [learningRate, rho, rest(rho, inSingle), momentum, epsilon, gradientScale];
		update('rmsprop', { variable, gradient, slots: [meanSquare, mean, velocity], keep }, numbers);
		return;
	}
	if (onWebgpu()) {
		const rule = gpu.rmsprop(mean !== undefined, velocity !== undefined);
		const numbers = { scale: gradientScale, keep, rate: learningRate, rho, rest: 1 - rho, momentum, epsilon };
		gpu.update(rule, variable, gradient, { meanSquare, mean, velocity }, numbers);
		return;
	}
	tf.tidy(() => {
		const g = tf.mul(gradient, gradientScale);
		meanSquare.assign(tf.add(tf.mul(meanSquare, rho), tf.mul(tf.square(g), 1 - rho)));
		mean?.assign(tf.add(tf.mul(mean, rho), tf.mul(g, 1 - rho)));
		const spread = mean ? tf.maximum(tf.sub(meanSquare, tf.square(mean)), 0) : meanSquare;
		let change: Tensor = tf.div(g, tf.add(tf.sqrt(spread), epsilon));
		if (velocity !== undefined) {
			velocity.assign(tf.add(tf.mul(velocity, momentum), change));
			change = velocity;
		}
		variable.assign(tf.sub(tf.mul(variable, keep), tf.mul(change, learningRate)));
	});
}

function rest(decay: number, inSingle: boolean): number {
	return inSingle ? Math.fround(1 - Math.fround(decay)) : 1 - decay;
}

function checkGradient({ variable, gradient }: UpdateOptions): void {
	if (gradient.dtype !== 'float32' || gradient.size !== variable.size) {
		throw new TypeError(
			`${variable.name}: a ${gradient.dtype} gradient of shape [${gradient.shape}] for weights of shape [${variable.shape}]`,
		);
	}
}

// PARAMETER_BLOCK and Update of kernels/optimize.h.
const parametersPerUnit = 4096;
const wordsPerUpdate = 9;

type Slots = ReadonlyArray<Variable | undefined>;
type Rule = 'adam' | 'sgd' | 'rmsprop';

interface Update {
	readonly variable: Variable;
	readonly gradient: Tensor;
	readonly slots: Slots;
	readonly keep: number;
}

/** Updates by one rule with the same numbers, to be done in one job. */
interface Batch {
	readonly rule: Rule;
	readonly numbers: readonly number[];
	readonly updates: Update[];
}

let waiting: Batch[] | undefined;

/**
 * Does the updates that `act` asks for in one job at its end: variables and slots keep their old values until then, and
 * the gradients must live so long. If `act` throws, nothing has been updated.
 */
export function updateTogether(act: () => void): void {
	if (waiting !== undefined) {
		act();
		return;
	}
	waiting = [];
	try {
		act();
		for (const batch of waiting) {
			run(batch);
		}
	} finally {
		waiting = undefined;
	}
}

function update(rule: Rule, one: Update, numbers: readonly number[]): void {
	if (waiting === undefined) {
		run({ rule, numbers, updates: [one] });
		return;
	}
	const last = waiting.at(-1);
	if (last?.rule === rule && last.numbers.every((number, i) => number === numbers[i])) {
		last.updates.push(one);
	} else {
		waiting.push({ rule, numbers, updates: [one] });
	}
}

function run({ rule, numbers, updates }: Batch): void {
	const words = new Int32Array(updates.length * wordsPerUpdate);
	const reals = new Float32Array(words.buffer);
	let units = 0;
	let parameters = 0;
	const outputs = updates.map(({ variable, gradient, slots, keep }, i) => {
		for (const slot of slots) {
			ownBuffer(slot);
		}
		const out = output(variable.shape);
		const slotWords = [0, 1, 2].map((slot) => (slots[slot] ? address(slots[slot]) : 0));
		words.set([address(variable), address(gradient), ...slotWords, address(out), variable.size], i * wordsPerUpdate);
		reals[i * wordsPerUpdate + 7] = keep;
		words[i * wordsPerUpdate + 8] = units;
		units += Math.ceil(variable.size / parametersPerUnit);
		parameters += variable.size;
		return out;
	});
	const table = host().space('updates', words.byteLength);
	host().write(table, words);
	host().call(rule, [table, updates.length, ...numbers], units, parameters * 10);
	for (const [i, { variable }] of updates.entries()) {
		const next = tf.engine().makeTensorFromTensorInfo(outputs[i]!);
		variable.assign(next);
		next.dispose();
	}
}

// Slots change in place; one whose buffer another tensor shares (a copy kept by someone) first gets a buffer of its own.
function ownBuffer(slot: Variable | undefined): void {
	if (slot !== undefined && wasmBackend().refCount(slot.dataId) > 1) {
		const copy = tf.tensor(slot.dataSync(), slot.shape, slot.dtype);
		slot.assign(copy);
		copy.dispose();
	}
}
