import { UsageError } from '../core/errors.ts';
import { Callback } from './contracts/callback.ts';
import type { Direction, Metric } from './contracts/metric.ts';
import type { KeyedCallback } from './hooks.ts';
import { countedColumns, timeColumns } from './watched-columns.ts';

/** A column of the rows of a run, known before training. */
export interface Column {
	readonly name: string;
	/** Which way is better; null where neither is. */
	readonly direction: Direction | null;
	/** What it comes from, as in `metric accuracy` or `callback a/gradient_clip`. */
	readonly of: string;
}

/** What columns come from. */
export interface ColumnSources {
	/** With examples; the others have no columns. */
	readonly splits: readonly string[];
	readonly lossName: string;
	/** Names of the parts of the loss. */
	readonly lossParts: readonly string[];
	readonly metrics: readonly Metric[];
	/** A metric as the config calls it. */
	readonly pathOf: (component: object) => string;
	readonly callbacks: readonly KeyedCallback[];
}

/** Every column that the components of a run declare; two of one name are refused, and both are named. */
export function columnsOf(sources: ColumnSources): Column[] {
	const loop = [...countedColumns, ...timeColumns].map((name) => ({ name, direction: null, of: 'training_loop' }));
	const own = sources.callbacks.flatMap(({ path, callback }) =>
		Object.entries(callback.columns()).map(([name, direction]) => ({ name, direction, of: `callback ${path}` })),
	);
	const columns = [...loop, ...sources.splits.flatMap((split) => splitColumns(split, sources)), ...own];
	refuseDoubles(columns);
	return columns;
}

/** Whether a callback may add columns and does not say which. */
export function isUndeclaring(callback: Callback): boolean {
	const { onEpochEnd, columns } = Callback.prototype;
	return callback.onEpochEnd !== onEpochEnd && callback.columns === columns;
}

function splitColumns(split: string, { lossName, lossParts, metrics, pathOf }: ColumnSources): Column[] {
	const parts = lossParts.length > 1 ? lossParts.map((part) => `loss/${part}`) : [];
	const losses = ['loss', ...parts].map((name) => ({ name, direction: 'min' as const, of: `loss ${lossName}` }));
	const figures = metrics.map((metric) => ({
		name: metric.column,
		direction: metric.direction,
		of: `metric ${pathOf(metric)}`,
	}));
	return [...losses, ...figures].map((column) => ({ ...column, name: `${split}/${column.name}` }));
}

function refuseDoubles(columns: readonly Column[]): void {
	const seen = new Map<string, Column>();
	for (const column of columns) {
		const other = seen.get(column.name);
		if (other !== undefined) {
			throw new UsageError(
				'train.two_columns',
				`Two columns would be called ${column.name}: that of the ${other.of} and that of the ${column.of}. Leave one out` +
					`${column.of.startsWith('metric ') ? ', or build one in a scope, which then is part of its column' : ''}.`,
			);
		}
		seen.set(column.name, column);
	}
}
