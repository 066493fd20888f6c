import type { PlainValue } from '../registry/catalog.ts';

/** Text in the config language for what plain data cannot say, such as a reference: `gin('@cosine()')`. */
export interface GinText {
	readonly gin: string;
}

/** A value of an axis. A list is one value; only an axis' own list of values makes several points. */
export type AxisValue = PlainValue | GinText;

/** One job of an experiment: values by `scope/component.parameter` or `%macro`. */
export type Point = Readonly<Record<string, AxisValue>>;

/** Any number of points, in order: a list, a generator, or a function that makes one. */
export type Sweep = Iterable<Point> | (() => Iterable<Point>);

/** A value written in the config language. */
export function gin(text: string): GinText {
	return { gin: text };
}

/** Whether a value is text in the config language. */
export function isGinText(value: AxisValue): value is GinText {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).join() === 'gin';
}

/** The points of a sweep, in its order. */
export function pointsOf(sweep: Sweep): Point[] {
	return [...(typeof sweep === 'function' ? sweep() : sweep)];
}

/** One text for equal points, whatever the order of their keys. */
export function pointKey(point: Point): string {
	return JSON.stringify(Object.entries(point).sort(([a], [b]) => (a < b ? -1 : 1)));
}
