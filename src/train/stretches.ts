import { z } from 'zod';

/** A value that holds while the time is below `until`. */
export interface Stretch {
	readonly until: number;
	readonly value: number;
}

type Written = readonly [number, number] | Readonly<Record<string, number>>;

/** A list of pairs `[until, value]` or dicts `{'until': …, '<key>': …}`; at least one. */
export function stretches(value: z.ZodNumber, key: string) {
	const until = z.number().positive();
	return z.array(z.union([z.tuple([until, value]), z.strictObject({ until, [key]: value })])).min(1);
}

/** Both ways of writing them, as one. */
export function asStretches(written: readonly Written[], key: string): readonly Stretch[] {
	return written.map((one) =>
		Array.isArray(one)
			? { until: one[0] as number, value: one[1] as number }
			: { until: (one as Record<string, number>)['until']!, value: (one as Record<string, number>)[key]! },
	);
}

/** What is wrong with the order, if anything. */
export function stretchProblem(list: readonly Stretch[]): string | undefined {
	const at = list.findIndex((stretch, index) => index > 0 && stretch.until <= list[index - 1]!.until);
	return at < 0
		? undefined
		: `entry ${at + 1} ends at ${list[at]!.until}, not after entry ${at}, which ends at ${list[at - 1]!.until}; ` +
				'entries must ascend, each as [until, value].';
}

/** The stretch in force at `time`: the first that ends later, else the last. */
export function stretchAt(list: readonly Stretch[], time: number): Stretch {
	// One ends exactly at its step, whatever rounding a fraction of an epoch has met.
	return list.find(({ until }) => time + 1e-9 < until) ?? list.at(-1)!;
}
