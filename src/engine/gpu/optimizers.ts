import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { declarations, dispatch, flatGroups, flatMain } from './dispatch.ts';
import { isNaNFunction, reluFunction } from './nan.ts';
import { webgpu } from './webgpu.ts';

/** One kernel per rule and set of slots; the numbers are named as the rule names them. */
interface Rule {
	readonly name: string;
	/** WGSL that changes `w[index]` and the slots, given the scaled gradient `g`. */
	readonly update: string;
}

type Slots = { readonly [name: string]: Variable | undefined };
type Numbers = { readonly [name: string]: number };

/** Adam, with decoupled decay; slots m and v. */
export const adam: Rule = {
	name: 'adam',
	update: `
		let mean = uniforms.beta1 * m[index] + uniforms.rest1 * g;
		let square = uniforms.beta2 * v[index] + uniforms.rest2 * g * g;
		m[index] = mean;
		v[index] = square;
		w[index] = w[index] * uniforms.keep - uniforms.rate * mean / (sqrt(square) + uniforms.epsilon);`,
};

/** Gradient descent, with a velocity where there is momentum. */
export function sgd(momentum: boolean, nesterov: boolean): Rule {
	const direction = !momentum ? 'g' : nesterov ? 'g + uniforms.momentum * next' : 'next';
	return {
		name: `sgd ${momentum} ${nesterov}`,
		update: `
		${momentum ? 'let next = uniforms.momentum * velocity[index] + g; velocity[index] = next;' : ''}
		w[index] = w[index] * uniforms.keep - uniforms.rate * (${direction});`,
	};
}

/** RMSprop, centred where there is a mean. */
export function rmsprop(centred: boolean, momentum: boolean): Rule {
	return {
		name: `rmsprop ${centred} ${momentum}`,
		update: `
		let square = uniforms.rho * meanSquare[index] + uniforms.rest * g * g;
		meanSquare[index] = square;
		${centred ? 'let middle = uniforms.rho * mean[index] + uniforms.rest * g; mean[index] = middle;' : ''}
		let spread = ${centred ? 'relu(square - middle * middle)' : 'square'};
		var change = g / (sqrt(spread) + uniforms.epsilon);
		${momentum ? 'change = uniforms.momentum * velocity[index] + change; velocity[index] = change;' : ''}
		w[index] = w[index] * uniforms.keep - uniforms.rate * change;`,
	};
}

/** One dispatch that changes a variable and its slots in place. */
export function update(rule: Rule, variable: Variable, gradient: Tensor, slots: Slots, numbers: Numbers): void {
	const present = Object.entries(slots).filter((entry): entry is [string, Variable] => entry[1] !== undefined);
	for (const [, changed] of [['w', variable] as const, ...present]) {
		ownBuffer(changed);
	}
	if (variable.size === 0) {
		return;
	}
	const names = Object.keys(numbers);
	dispatch({
		key: `optimizer ${rule.name}`,
		shader: () => `${declarations(
			['w f32 read_write', ...present.map(([name]) => `${name} f32 read_write`), 'gradient f32'],
			['size: u32', ...names.map((name) => `${name}: f32`)],
		)}
${isNaNFunction} ${reluFunction}
${flatMain(`
		let g = gradient[index] * uniforms.scale;${rule.update}`)}`,
		tensors: [variable, ...present.map(([, slot]) => slot), gradient],
		uniforms: [{ u32: variable.size }, ...names.map((name) => ({ f32: numbers[name]! }))],
		groups: flatGroups(variable.size),
	});
}

// What changes in place must not be what another tensor shows (a copy kept by someone).
function ownBuffer(variable: Variable): void {
	const backend = webgpu();
	const { dataId } = variable;
	if (backend.refCount(dataId) > 1 && variable.size > 0) {
		backend.uploadToGPU(dataId);
		const buffer = backend.tensorMap.get(dataId).resource!;
		const copy = backend.createTensorFromGPUData({ buffer }, variable.shape, variable.dtype);
		variable.assign(copy);
		copy.dispose();
	}
}
