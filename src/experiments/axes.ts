import { UsageError } from '../core/errors.ts';
import { Stream } from '../core/random.ts';
import { type AxisValue, type Point, pointKey, pointsOf, type Sweep } from './point.ts';

/** Every combination of the values, the last key fastest: `grid({'adam.learning_rate': [0.001, 0.01]})`. */
export function grid(axes: Readonly<Record<string, readonly AxisValue[]>>): Point[] {
	return product(
		...Object.entries(axes).map(([key, values]) => valuesOf(key, values).map((value) => ({ [key]: value }))),
	);
}

/** The first values of all keys together, then the second ones …; the lists must be of one length. */
export function zip(axes: Readonly<Record<string, readonly AxisValue[]>>): Point[] {
	const entries = Object.entries(axes).map(([key, values]) => [key, valuesOf(key, values)] as const);
	const lengths = new Set(entries.map(([, values]) => values.length));
	if (lengths.size > 1) {
		const shown = entries.map(([key, values]) => `${key} has ${values.length}`).join(', ');
		throw new UsageError('experiment.zip', `zip: the lists must be of one length; ${shown}.`);
	}
	const [length = 0] = lengths;
	return Array.from({ length }, (_, at) => Object.fromEntries(entries.map(([key, values]) => [key, values[at]!])));
}

/** `train.seed` over the given seeds, or over 1 … n. */
export function seeds(which: number | readonly number[], key = 'train.seed'): Point[] {
	if (typeof which === 'number' && (!Number.isInteger(which) || which < 1)) {
		throw new UsageError('experiment.seeds', `seeds(${which}): the number of seeds is a whole number, 1 or more.`);
	}
	const all = typeof which === 'number' ? Array.from({ length: which }, (_, at) => at + 1) : which;
	return grid({ [key]: all });
}

/** Every point of the first sweep with every point of the second, and so on; the last sweep fastest. */
export function product(...sweeps: readonly Sweep[]): Point[] {
	let points: Point[] = [{}];
	for (const sweep of sweeps) {
		const added = pointsOf(sweep);
		points = points.flatMap((point) => added.map((more) => join(point, more)));
	}
	return points;
}

/** Draws one value. */
export type Distribution = (stream: Stream) => AxisValue;

/** Numbers between two bounds, all equally likely. */
export function uniform(low: number, high: number): Distribution {
	requireBounds('uniform', low, high);
	return (stream) => low + (high - low) * stream.uniform();
}

/** Numbers between two positive bounds, every factor equally likely: for rates. */
export function logUniform(low: number, high: number): Distribution {
	requireBounds('logUniform', low, high);
	if (low <= 0) {
		throw new UsageError('experiment.bounds', `logUniform(${low}, ${high}): the bounds must be above 0.`);
	}
	return (stream) => Math.exp(Math.log(low) + (Math.log(high) - Math.log(low)) * stream.uniform());
}

/** One of the values, all equally likely. */
export function choice(values: readonly AxisValue[]): Distribution {
	valuesOf('choice', values);
	return (stream) => values[stream.int(values.length)]!;
}

/** How many points are drawn, and from which seed. */
export interface RandomOptions {
	readonly n: number;
	/** Default 1; the same seed draws the same points, and more of them begin with the same ones. */
	readonly seed?: number;
}

/** `n` different points drawn at random; numbers are rounded to four significant digits, to be read and typed. */
export function random(axes: Readonly<Record<string, Distribution>>, { n, seed = 1 }: RandomOptions): Point[] {
	if (!Number.isInteger(n) || n < 1) {
		throw new UsageError('experiment.random', `random: n is ${n}; it must be a whole number, 1 or more.`);
	}
	// A stream per key: another key, or another order of them, changes no other value.
	const streams = Object.entries(axes).map(([key, draw]) => ({
		key,
		draw,
		stream: new Stream(`${seed}/sweep/${key}`),
	}));
	const points = new Map<string, Point>();
	for (let attempt = 0; points.size < n; attempt++) {
		if (attempt > 1000 + 100 * n) {
			throw new UsageError(
				'experiment.random',
				`random: there are fewer than ${n} different points to draw (${points.size} found).`,
			);
		}
		const point = Object.fromEntries(streams.map(({ key, draw, stream }) => [key, rounded(draw(stream))]));
		points.set(pointKey(point), point);
	}
	return [...points.values()];
}

function join(point: Point, more: Point): Point {
	const twice = Object.keys(more).find((key) => Object.hasOwn(point, key));
	if (twice !== undefined) {
		throw new UsageError('experiment.axis_twice', `The axis ${twice} is given twice; each key belongs to one axis.`);
	}
	return { ...point, ...more };
}

function valuesOf(key: string, values: readonly AxisValue[]): readonly AxisValue[] {
	if (!Array.isArray(values) || values.length === 0) {
		throw new UsageError(
			'experiment.values',
			`${key}: expected a list of one or more values; it is ${JSON.stringify(values)}.`,
		);
	}
	return values;
}

function requireBounds(name: string, low: number, high: number): void {
	if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
		throw new UsageError(
			'experiment.bounds',
			`${name}(${low}, ${high}): the bounds must be finite, the lower one first.`,
		);
	}
}

function rounded(value: AxisValue): AxisValue {
	return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
