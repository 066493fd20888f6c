import { toNumber } from '../run/table.ts';

/** A cell that a spreadsheet would take for a formula, with an apostrophe before it; numbers stay as they are. */
export function guardedCell(text: string): string {
	return /^[=+\-@\t\r\n]/u.test(text) && toNumber(text.trim()) === undefined ? `'${text}` : text;
}

/** A field of CSV (RFC 4180). */
export function csvField(text: string): string {
	return /[",\n\r]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
