import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/** Everything a stream will still draw: four 32-bit words, and the second normal of a pair where one is waiting. */
export interface StreamState {
	readonly words: readonly number[];
	readonly spare: number | null;
}

/** One sequence of random numbers (xoroshiro128+), repeatable and restorable exactly. */
export class Stream {
	readonly #origin: string;
	#generator: JumpableRandomGenerator;
	#spare: number | null = null;
	// Asked for before every step of training, though most streams do not draw in most of them.
	#state: StreamState | undefined;

	/** `origin` identifies the stream: equal origins draw equal numbers. */
	constructor(origin: string) {
		this.#origin = origin;
		const digest = createHash('sha256').update(origin).digest();
		this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
	}

	/** A whole number in 0 … 2³²−1. */
	uint32(): number {
		this.#state = undefined;
		return this.#generator.next() >>> 0;
	}

	/** A whole number in 0 … n−1, every one equally likely; n from 1 to 2⁵³−1. */
	int(n: number): number {
		if (!Number.isSafeInteger(n) || n < 1) {
			throw new RangeError(`A stream draws whole numbers below n ≥ 1; n is ${n}.`);
		}
		this.#state = undefined;
		return uniformInt(this.#generator, 0, n - 1);
	}

	/** A number in [0, 1) with 53 random bits. */
	uniform(): number {
		this.#state = undefined;
		return uniformFloat64(this.#generator);
	}

	/** A standard normal (Box and Muller, 1958). */
	normal(): number {
		this.#state = undefined;
		if (this.#spare !== null) {
			const spare = this.#spare;
			this.#spare = null;
			return spare;
		}
		// 1 - uniform() is in (0, 1], so that the logarithm is finite.
		const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
		const angle = 2 * Math.PI * this.uniform();
		this.#spare = radius * Math.sin(angle);
		return radius * Math.cos(angle);
	}

	/** The numbers 0 … n−1 in a random order (Fisher and Yates). */
	permutation(n: number): Uint32Array {
		const order = Uint32Array.from({ length: n }, (_, i) => i);
		for (let i = n - 1; i > 0; i -= 1) {
			const j = this.int(i + 1);
			const value = order[i]!;
			order[i] = order[j]!;
			order[j] = value;
		}
		return order;
	}

	/** A seed for a library: a whole number in 0 … 2³¹−1. */
	seed(): number {
		return this.uint32() >>> 1;
	}

	/** A stream of its own that depends on this one's origin and `name`, not on what has been drawn. */
	fork(name: string): Stream {
		return new Stream(`${this.#origin}/${name}`);
	}

	state(): StreamState {
		this.#state ??= { words: [...this.#generator.getState()], spare: this.#spare };
		return this.#state;
	}

	restore({ words, spare }: StreamState): void {
		this.#generator = xoroshiro128plusFromState([...words]);
		this.#spare = spare;
		this.#state = undefined;
	}
}

/** The named streams of one seed, such as `init`, `shuffle`, `augment`, `dropout`: drawing from one never moves another. */
export class Streams {
	readonly seed: number;
	readonly #streams = new Map<string, Stream>();

	/** `seed`: a whole number, 0 or more. */
	constructor(seed: number) {
		if (!Number.isSafeInteger(seed) || seed < 0) {
			throw new RangeError(`A seed is a whole number, 0 or more; this one is ${seed}.`);
		}
		this.seed = seed;
	}

	stream(name: string): Stream {
		let stream = this.#streams.get(name);
		if (stream === undefined) {
			stream = new Stream(`${this.seed}/${name}`);
			this.#streams.set(name, stream);
		}
		return stream;
	}

	/** Of every stream used so far, by name. */
	state(): Record<string, StreamState> {
		return Object.fromEntries([...this.#streams].sort(byName).map(([name, stream]) => [name, stream.state()]));
	}

	/** Streams that the state does not name begin anew. */
	restore(state: Readonly<Record<string, StreamState>>): void {
		this.#streams.clear();
		for (const [name, saved] of Object.entries(state)) {
			this.stream(name).restore(saved);
		}
	}
}

function byName([a]: readonly [string, Stream], [b]: readonly [string, Stream]): number {
	return a < b ? -1 : 1;
}
