import { visible } from '../core/visible.ts';
import { checkpointOf, columnOf, type Direction } from '../results/columns.ts';
import { csvField, guardedCell } from '../results/csv-cells.ts';
import { showFigure, textTable } from '../results/text-table.ts';
import { isDone } from '../run/status.ts';
import type { Collected } from './collect.ts';
import { figuresOf, type Group } from './groups.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** A table of numbers and words; undefined is an empty cell. */
export interface ReportTable {
	readonly columns: readonly string[];
	readonly rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>;
}

/** A row per group: how many runs, the figure's mean, deviation and interval, and the comparison with the baseline. */
export function groupTable(collected: Collected, groups: readonly Group[]): ReportTable {
	const axes = collected.axes.filter((axis) => !collected.seedAxes.includes(axis));
	const isCompared = groups.some(({ isBaseline }) => isBaseline);
	const { direction } = collected;
	const compared = ['difference', 'difference_low', 'difference_high', 'pairs', 'p'];
	const instants = instantsOf(collected);
	return {
		columns: [
			...axes,
			...['runs', 'finished', 'mean', 'sd', 'ci_low', 'ci_high', 'best'],
			...(isCompared ? compared : []),
			...instants.map(({ column }) => column),
		],
		rows: groups.map(({ axes: own, runs, spread, comparison }) => [
			...axes.map((axis) => own[axis]),
			runs.length,
			runs.filter(({ state }) => isDone(state)).length,
			...[spread.mean, spread.sd, spread.low, spread.high, bestOf(spread, direction)].map(known),
			...(isCompared
				? [
						known(comparison?.mean),
						known(comparison?.low),
						known(comparison?.high),
						comparison?.n,
						known(comparison?.p),
					]
				: []),
			...instants.map(({ figure }) => known(spreadOf(figuresOf(runs, figure)).mean)),
		]),
	};
}

// The column that decides is shown at the best checkpoint and at the last epoch, wherever runs have both.
function instantsOf({ metric, runs }: Collected): Array<{ readonly column: string; readonly figure: string }> {
	const last = columnOf(metric);
	const others = new Set(
		runs.flatMap(({ metrics }) => Object.keys(metrics)).filter((name) => name.startsWith(`${last}@`)),
	);
	const best = metric === last ? (others.has(`${last}@best`) ? `${last}@best` : [...others].sort()[0]) : metric;
	return best === undefined || !others.has(best) || last.startsWith('test/')
		? []
		: [
				{ column: `mean_at_${checkpointOf(best)}_checkpoint`, figure: best },
				{ column: 'mean_at_last_epoch', figure: last },
			];
}

function bestOf({ min, max }: Spread, direction: Direction | undefined): number {
	return direction === undefined ? Number.NaN : direction === 'max' ? max : min;
}

/** A row per run: its swept values, state, epochs, every figure of the last epoch and the test, and the best checkpoint's. */
export function runTable(collected: Collected): ReportTable {
	const instants = instantsOf(collected).map(({ figure }) => figure);
	const metrics = [...new Set(collected.runs.flatMap((run) => Object.keys(run.metrics)))]
		.filter((name) => /^(?:train|valid|test)\//u.test(name) && (!name.includes('@') || instants.includes(name)))
		.sort();
	return {
		columns: ['run', ...collected.axes, 'state', 'epochs', ...metrics],
		rows: collected.runs.map((run) => [
			run.label,
			...collected.axes.map((axis) => run.axes[axis]),
			run.state,
			run.epoch,
			...metrics.map((name) => run.metrics[name]),
		]),
	};
}

/** For a terminal, figures shortened. */
export function asText({ columns, rows }: ReportTable): string {
	return textTable(
		columns,
		rows.map((row) => row.map(shown)),
	);
}

/** RFC 4180 with `\n`, figures in full. `isGuarded`: no text is left that a spreadsheet would take for a formula. */
export function asCsv({ columns, rows }: ReportTable, isGuarded = false): string {
	const field = (cell: string | number | undefined) => {
		const text = cell === undefined ? '' : typeof cell === 'number' ? fullNumber(cell) : visible(cell);
		return csvField(isGuarded && typeof cell === 'string' ? guardedCell(text) : text);
	};
	return `${[columns, ...rows].map((cells) => cells.map(field).join(',')).join('\n')}\n`;
}

/** A table of Markdown. */
export function asMarkdown({ columns, rows }: ReportTable): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	const isNumeric = columns.map((_, at) => rows.every((row) => typeof row[at] !== 'string'));
	const rule = `| ${isNumeric.map((yes) => (yes ? '---:' : ':---')).join(' | ')} |`;
	return `${[line(columns.map(visible)), rule, ...rows.map((row) => line(row.map(shown)))].join('\n')}\n`;
}

/** A `tabular` of LaTeX, needing the package booktabs. */
export function asLatex({ columns, rows }: ReportTable): string {
	const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(' & ')} \\\\`;
	const kinds = columns.map((_, at) => (rows.every((row) => typeof row[at] !== 'string') ? 'r' : 'l')).join('');
	const body = [
		'\\toprule',
		line(columns.map(visible)),
		'\\midrule',
		...rows.map((row) => line(row.map(shown))),
		'\\bottomrule',
	];
	return `\\begin{tabular}{${kinds}}\n${body.join('\n')}\n\\end{tabular}\n`;
}

/** Figures in full; nan and infinities as words. */
export function asJsonRows({ columns, rows }: ReportTable): Array<Record<string, string | number | null>> {
	return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, jsonCell(row[at])])));
}

function known(value: number | undefined): number | undefined {
	return value === undefined || Number.isNaN(value) ? undefined : value;
}

function shown(cell: string | number | undefined): string {
	return cell === undefined ? '' : typeof cell === 'number' ? showFigure(cell) : visible(cell);
}

function jsonCell(cell: string | number | undefined): string | number | null {
	return cell === undefined ? null : typeof cell === 'number' && !Number.isFinite(cell) ? fullNumber(cell) : cell;
}

function fullNumber(value: number): string {
	return Number.isFinite(value) ? String(value) : showFigure(value);
}

function escapeLatex(text: string): string {
	return text
		.replaceAll('\\', '\\textbackslash{}')
		.replaceAll(/[&%$#_{}]/gu, (character) => `\\${character}`)
		.replaceAll('\\textbackslash\\{\\}', '\\textbackslash{}')
		.replaceAll('~', '\\textasciitilde{}')
		.replaceAll('^', '\\textasciicircum{}');
}
