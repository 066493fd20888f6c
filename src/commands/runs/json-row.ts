import { type Fields, rowFields } from '../../results/fields.ts';

type Json = number | string | boolean | null | { readonly [name: string]: Json };

/** A run as an object of JSON; `nan` and infinities are strings. With `columns`, those values beside its name and path. */
export function jsonRow(root: string, run: Fields, columns: readonly string[] | undefined): Record<string, Json> {
	const path = run.row.run === '.' ? root : `${root}/${run.row.run}`;
	if (columns !== undefined) {
		const values = columns.filter((name) => name !== 'age').map((name) => [name, jsonValue(run, name)] as const);
		return { run: run.row.run, path, ...Object.fromEntries(values) };
	}
	const metrics = Object.entries(run.row.metrics).map(([name, value]) => [name, jsonNumber(value)] as const);
	return {
		...Object.fromEntries(rowFields.map((name) => [name, run.row[name]])),
		path,
		metrics: Object.fromEntries(metrics),
	};
}

/** A number as JSON can hold it. */
export function jsonNumber(value: number): number | string {
	return Number.isFinite(value) ? value : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function jsonValue(run: Fields, name: string): Json {
	const value = run.value(name);
	return value === undefined ? null : value.number === undefined ? value.text : jsonNumber(value.number);
}
