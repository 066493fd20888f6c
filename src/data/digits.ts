import { sha256, unpacked } from './digest.ts';
import { formatError } from './format-error.ts';

/** SHA-256 of the embedded file. */
export const digitsSha256 = '46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a';

const columns = 65;

/** Reads rows of 64 values 0 … 16 and a label, comma-separated and packed with gzip; checks the file's SHA-256. */
export function readDigits(
	file: string,
	raw: Uint8Array,
): { readonly inputs: Uint8Array; readonly labels: Uint8Array } {
	if (sha256(raw) !== digitsSha256) {
		throw formatError(file, `expected the sha256 ${digitsSha256}, found ${sha256(raw)}`);
	}
	const lines = Buffer.from(unpacked(raw, 2 ** 24))
		.toString('latin1')
		.trimEnd()
		.split('\n');
	const inputs = new Uint8Array(lines.length * (columns - 1));
	const labels = new Uint8Array(lines.length);
	lines.forEach((line, row) => {
		const values = line.split(',').map(Number);
		labels[row] = values.pop()!;
		inputs.set(values, row * (columns - 1));
	});
	return { inputs, labels };
}
