import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../src/engine/tf.ts';
import type { Arr } from './arrays.ts';
import type { Case } from './cases/case.ts';
import { drawing, values } from './examine.ts';
import type { Tier } from './tiers.ts';

/** Of other than NaN, a GPU's driver decides: WGSL promises nothing of infinities, signs of zero and denormals. */
const specials = (backend: string) =>
	backend === 'gpu'
		? [Number.NaN]
		: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-40, Number.NaN];
/** Of which kind each number of the gradients was on the first tier, by example. */
const known = new Map<string, string>();

/**
 * Draws examples of an operation, puts a special value somewhere into each, and compares values with the reference, and
 * the kinds of the gradients' numbers with those of the first tier. What is wrong.
 */
export async function examineSpecial(operation: string, one: Case, backend: Tier['backend']): Promise<string[]> {
	const problems: string[] = [];
	for (const [seed, special] of one.fixed === true ? [] : specials(backend).entries()) {
		const { problem, gradients } = await examineOne(one, seed + 5, special, one.missing?.[backend] === undefined);
		problems.push(...(problem === undefined ? [] : [`${operation}: ${problem}`]));
		const first = known.get(`${operation} ${seed}`) ?? gradients;
		if (gradients !== undefined && one.spreads !== true) {
			known.set(`${operation} ${seed}`, first!);
			problems.push(
				...(gradients === first ? [] : [`${operation}: gradient with ${special}: ${gradients}, not ${first}`]),
			);
		}
	}
	return problems;
}

/** What an example with one special value among its inputs gave. */
interface Answer {
	/** What is wrong with the value. */
	readonly problem: string | undefined;
	/** Of which kind each number of the gradients is. */
	readonly gradients: string | undefined;
}

async function examineOne(one: Case, seed: number, special: number, differentiate: boolean): Promise<Answer> {
	const draw = drawing(seed);
	const { shapes, engine, reference, distinct = false, positive = false } = one.draw(draw);
	const inputs = shapes.map((shape, i) => values(shape, draw, distinct, positive, i * 0.0123));
	const whole = inputs.filter(({ data }) => data.length > 0);
	const chosen = whole[draw(0, whole.length - 1)]!;
	chosen.data[draw(0, chosen.data.length - 1)] = Math.fround(special);
	const tensors = inputs.map((input) => tf.tensor(Float32Array.from(input.data), [...input.shape]));
	const value = tf.tidy(() => engine(...tensors));
	const problem = compare(await value.data(), reference(...inputs), special, one.spreads === true);
	const gradients = differentiate ? await gradientKinds(engine, tensors, special) : undefined;
	tf.dispose([tensors, value]);
	return { problem: problem && `${special} in ${JSON.stringify(shapes)}: ${problem}`, gradients };
}

async function gradientKinds(
	engine: (...inputs: Tensor[]) => Tensor,
	tensors: Tensor[],
	special: number,
): Promise<string> {
	const gradients = tf.tidy(() => tf.grads((...of: Tensor[]) => tf.sum(engine(...of)))(tensors));
	const kinds = await Promise.all(gradients.map(async (one) => Array.from(await one.data(), (x) => kind(x, special))));
	tf.dispose(gradients);
	return kinds.map((own) => own.join('')).join(' ');
}

function compare(data: ArrayLike<number>, exact: Arr, special: number, spreads: boolean): string | undefined {
	const largest = exact.data.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-3);
	for (let i = 0; i < data.length; i++) {
		const [found, right] = [data[i]!, Math.fround(exact.data[i]!)];
		if (spreads && !Number.isFinite(found)) {
			continue;
		}
		const near = !Number.isFinite(right) || Math.abs(found - right) <= 5e-5 * largest + 1e-5;
		if (kind(found, special) !== kind(right, special) || !near) {
			return `${found} at ${i}, not ${right}`;
		}
	}
	return undefined;
}

// Of infinities one tier may make NaN where another has an infinity left; of NaN nothing but NaN becomes.
function kind(x: number, special: number): string {
	return Number.isFinite(x) ? '.' : Number.isNaN(x) || !Number.isNaN(special) ? 'n' : 'i';
}
