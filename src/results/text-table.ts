import { visible } from '../core/visible.ts';

/** A table for people: columns aligned, numbers to the right, a header line, nothing hidden; every line ends in `\n`. */
export function textTable(names: readonly string[], cells: ReadonlyArray<readonly string[]>): string {
	const columns = names.map(shortened);
	const rows = cells.map((row) => row.map(shortened));
	const widths = columns.map((column, at) =>
		rows.reduce((most, row) => Math.max(most, row[at]!.length), column.length),
	);
	const isNumeric = columns.map(
		(_, at) =>
			rows.some((row) => row[at] !== '') &&
			rows.every((row) => /^(?:[-+]?[\d.]+(?:e[-+]?\d+)?.*|nan|-?inf|)$/u.test(row[at]!)),
	);
	const line = (row: readonly string[]) =>
		row
			.map((cell, at) => (isNumeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
			.join('  ')
			.trimEnd();
	return `${[columns, ...rows].map(line).join('\n')}\n`;
}

// One cell of a megabyte would be as many blanks in every other row.
function shortened(cell: string): string {
	const shown = visible(cell);
	return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

const longest = 500;

/** A figure in five significant digits; whole numbers whole, `nan`, `inf`. */
export function showFigure(value: number): string {
	if (Number.isNaN(value)) {
		return 'nan';
	}
	if (!Number.isFinite(value)) {
		return value > 0 ? 'inf' : '-inf';
	}
	return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

/** `45 s`, `12 min`, `3 h`, `5 d` from an ISO time until `now`; empty for no time. */
export function showAge(time: string, now: number = Date.now()): string {
	const seconds = Math.max(0, (now - Date.parse(time)) / 1000);
	if (Number.isNaN(seconds)) {
		return '';
	}
	const units: ReadonlyArray<readonly [number, string]> = [
		[86_400, 'd'],
		[3600, 'h'],
		[60, 'min'],
	];
	const [size, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, 's'];
	return `${Math.floor(seconds / size)} ${unit}`;
}
