/** Numbers in rows, one after the other. */
type Numbers = Uint8Array | Float32Array | Int32Array;

/** Copies rows `rows` of `from`, `width` numbers each, to the beginning of `to`, one after the other. */
export function copyRows(to: Numbers, from: Numbers, rows: Int32Array, width: number): void {
	for (let position = 0; position < rows.length; position += 1) {
		const start = rows[position]! * width;
		to.set(from.subarray(start, start + width), position * width);
	}
}

/** The rows `rows` of `from`, `width` numbers each, in new memory of the same kind. */
export function rowsOf<T extends Numbers>(from: T, rows: Int32Array, width: number): T {
	// Not the constructor of `from`: a Buffer is bytes too.
	const kind = [Uint8Array, Float32Array, Int32Array].find((one) => from instanceof one)!;
	const taken = new kind(rows.length * width);
	copyRows(taken, from, rows, width);
	return taken as T;
}
