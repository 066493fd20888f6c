import type { Tensor } from '@tensorflow/tfjs-core';
import { type Arr, broadcast, map, reshape } from '../arrays.ts';

/** Draws whole numbers between two bounds, both possible. */
export type Draw = (from: number, to: number) => number;

/** One drawn example of an operation: input shapes, what the engine computes, what is right. */
export interface Example {
	readonly shapes: ReadonlyArray<readonly number[]>;
	readonly engine: (...inputs: Tensor[]) => Tensor;
	readonly reference: (...inputs: Arr[]) => Arr;
	/** All values apart by more than the reference's step: for maxima, whose gradient jumps. */
	readonly distinct?: boolean;
	/** Values from 0.5 to 1.5 rather than -1 to 1. */
	readonly positive?: boolean;
}

export interface Case {
	readonly draw: (draw: Draw) => Example;
	/** Of zeros in the padding times a value that is not finite some tiers make NaN, as IEEE 754 does, and others nothing. */
	readonly spreads?: boolean;
	/** Always the same example: one drawing is enough. */
	readonly fixed?: boolean;
	/** Tiers where the stock library cannot do it, and the library's reason. */
	readonly missing?: { readonly [tier: string]: string };
}

/** Cases by the name of their operation. */
export type Cases = { readonly [name: string]: Case };

export const shapeOf = (draw: Draw, rank: number, most = 5): number[] =>
	Array.from({ length: rank }, () => draw(1, most));

export const unary = (engine: (x: Tensor) => Tensor, f: (x: number) => number, positive = false): Case => ({
	draw: (draw) => ({
		shapes: [shapeOf(draw, draw(1, 4), 4)],
		engine: (x) => engine(x!),
		reference: (x) => map(x!, f),
		distinct: true,
		positive,
	}),
});

export const binary = (
	engine: (a: Tensor, b: Tensor) => Tensor,
	f: (x: number, y: number) => number,
	positive = false,
): Case => ({
	draw: (draw) => {
		const shape = shapeOf(draw, draw(1, 4), 4);
		const kinds = [
			shape,
			shape.slice(draw(0, shape.length)),
			[],
			shape.map((length, axis) => (axis < shape.length / 2 ? length : 1)),
			shape.map((length) => (draw(0, 1) ? length : 1)),
		];
		const other = kinds[draw(0, kinds.length - 1)]!;
		const turned = draw(0, 1) === 1;
		return {
			shapes: turned ? [other, shape] : [shape, other],
			engine: (a, b) => engine(a!, b!),
			reference: (a, b) => broadcast(a!, b!, f),
			distinct: true,
			positive,
		};
	},
});

export const reduction = (
	engine: (x: Tensor, axes: number[], keep: boolean) => Tensor,
	f: (x: Arr, axes: number[]) => Arr,
): Case => ({
	draw: (draw) => {
		const shape = shapeOf(draw, draw(1, 4));
		const axes = shape.map((_, axis) => axis).filter(() => draw(0, 1) === 1);
		const chosen = axes.length > 0 ? axes : [draw(0, shape.length - 1)];
		const keep = draw(0, 1) === 1;
		const out = shape.filter((_, axis) => !chosen.includes(axis));
		return {
			shapes: [shape],
			engine: (x) => engine(x!, chosen, keep),
			reference: (x) => (keep ? f(x!, chosen) : reshape(f(x!, chosen), out)),
			distinct: true,
		};
	},
});
