import { ConfigError, type Problem, placeless } from '../core/errors.ts';
import { didYouMean, nearest } from '../core/suggest.ts';
import { type Column, isUndeclaring } from './columns.ts';
import type { Watch } from './contracts/callback.ts';
import type { Direction } from './contracts/metric.ts';
import type { KeyedCallback } from './hooks.ts';

/** A column that decides something in a run. */
export interface Monitored {
	/** The callback that watches it, as the config calls it. */
	readonly by: string;
	readonly column: string;
	/** Null where only the first row will tell. */
	readonly direction: Direction | null;
	/** The checkpoint that it decides about, if any. */
	readonly checkpoint?: string;
}

/** What the callbacks of a run watch, and everything that is wrong with it. */
export function monitored(
	columns: readonly Column[],
	callbacks: readonly KeyedCallback[],
	isValidEmpty: boolean,
): { readonly monitors: readonly Monitored[]; readonly problems: readonly Problem[] } {
	const problems: Problem[] = [];
	const isOpen = callbacks.some(({ callback }) => isUndeclaring(callback));
	const monitors = callbacks.flatMap(({ path, callback }) =>
		callback.watches().map((watch): Monitored => {
			const problem = problemOf(path, watch, columns, isValidEmpty, isOpen);
			if (problem !== undefined) {
				problems.push(problem);
			}
			const declared = columns.find(({ name }) => name === watch.column)?.direction ?? null;
			const { column, mode, checkpoint } = watch;
			return { by: path, column, direction: mode === 'auto' ? declared : mode, ...(checkpoint && { checkpoint }) };
		}),
	);
	return { monitors, problems };
}

/** Throws every problem at once, if there are any. */
export function assertMonitors(problems: readonly Problem[]): void {
	if (problems.length > 0) {
		throw new ConfigError(problems);
	}
}

function problemOf(
	path: string,
	{ column, mode }: Watch,
	columns: readonly Column[],
	isValidEmpty: boolean,
	isOpen: boolean,
): Problem | undefined {
	const found = columns.find(({ name }) => name === column);
	const parameter = `${path}.monitor = "${column}"`;
	const watchable = columns.filter(({ name }) => !name.startsWith('test/'));
	const names = watchable.map(({ name }) => name);
	if (found === undefined && isValidEmpty && column.startsWith('valid/')) {
		const text = `${parameter}: the validation split is empty, so there are no such columns. Watch a "train/" column, or do without ${path}.`;
		return placeless('callback.no_column', text);
	}
	if (found === undefined && !(isOpen && mode !== 'auto' && !isSlip(column, names))) {
		const text = `${parameter}: there is no such column.${didYouMean(column, names)} There are ${names.join(', ')}.${isOpen ? ' A callback that adds others says so in columns().' : ''}`;
		return placeless('callback.no_column', text);
	}
	if (mode === 'auto' && found?.direction === null) {
		const known = watchable.filter(({ direction }) => direction !== null).map(({ name }) => name);
		const text = `${parameter}: whether more or less of it is better is not known. Set ${path}.mode to "min" or "max", or watch one of ${known.join(', ')}.`;
		return placeless('callback.no_direction', text);
	}
	if (mode !== 'auto' && found !== undefined && found.direction !== null && mode !== found.direction) {
		const text = `${path}.mode = "${mode}": of ${column} ${found.direction === 'max' ? 'more' : 'less'} is better, says the ${found.of}. Leave the mode out, or watch another column.`;
		return placeless('callback.other_direction', text);
	}
	return undefined;
}

// A callback that does not say what it adds may add a column of any name, but hardly one so like another.
function isSlip(column: string, names: readonly string[]): boolean {
	const slash = column.indexOf('/') + 1;
	const same = names.filter((name) => name.startsWith(column.slice(0, slash))).map((name) => name.slice(slash));
	return nearest(column.slice(slash), same).length > 0;
}
