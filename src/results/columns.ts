import type { z } from 'zod';
import type { layouts } from '../run/layouts.ts';

/** `columns.json`: the columns of a run with their directions, and what was watched. */
export type RunColumns = z.output<(typeof layouts)['columns']>;
export type Direction = 'max' | 'min';

/** The name of a figure without the checkpoint it is of: `valid/loss@best` is of the column `valid/loss`. */
export function columnOf(figure: string): string {
	return figure.replace(/@.*$/u, '');
}

/** The checkpoint that a figure is of; undefined for one of the last epoch, and for that of the test. */
export function checkpointOf(figure: string): string | undefined {
	const at = figure.indexOf('@');
	return at < 0 ? undefined : figure.slice(at + 1);
}

/** `valid/loss at the last epoch`, `valid/loss at the checkpoint best`, `test/loss`. */
export function titleOf(figure: string): string {
	const checkpoint = checkpointOf(figure);
	const where = checkpoint === undefined ? 'the last epoch' : `the checkpoint ${checkpoint}`;
	return figure.startsWith('test/') && checkpoint === undefined ? figure : `${columnOf(figure)} at ${where}`;
}

/** Which way of a figure is better, as the run records it: null where neither is, undefined where it does not say. */
export function directionOf(columns: RunColumns | undefined, figure: string): Direction | null | undefined {
	const name = columnOf(figure);
	return columns?.columns.find((column) => column.name === name)?.direction;
}

/** The column that decides which checkpoint of a run is the best; undefined where it does not say. */
export function decidingColumn(columns: RunColumns | undefined): string | undefined {
	const deciding = columns?.monitors.filter(({ checkpoint }) => checkpoint !== undefined) ?? [];
	return (deciding.find(({ checkpoint }) => checkpoint === 'best') ?? deciding[0])?.column;
}
