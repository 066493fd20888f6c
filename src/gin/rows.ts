/** What a row stands for. */
export const rowKind = {
	/** `key = value`. */
	assignment: 0,
	/** `key |= value`. */
	merge: 1,
	block: 2,
	/** Any other statement, which is kept as it is. */
	other: 3,
};

/** What the numbers of a row are. */
export const column = {
	kind: 0,
	start: 1,
	/** The last slash of the key, -1 where there is none. */
	slash: 2,
	/** The dot before the parameter, -1 where there is none. */
	dot: 3,
	keyEnd: 4,
	end: 5,
	/** Where the value begins; of a block its first line; of another statement its place in their list. */
	first: 6,
	/** Of a block the line behind its last one; of an assignment which of the kept values is its own, from 1, 0 for none. */
	last: 7,
};

const width = 8;

/** Eight numbers for each statement of a text, outside the heap of objects that the garbage collector walks. */
export class Rows {
	length = 0;
	#cells = new Int32Array(width * 32);

	/** Adds a row: its numbers in the order of `column`. */
	add(
		kind: number,
		start: number,
		slash: number,
		dot: number,
		keyEnd: number,
		end: number,
		first: number,
		last: number,
	): void {
		const at = this.length * width;
		if (at === this.#cells.length) {
			const wider = new Int32Array(at * 2);
			wider.set(this.#cells);
			this.#cells = wider;
		}
		const cells = this.#cells;
		cells[at] = kind;
		cells[at + 1] = start;
		cells[at + 2] = slash;
		cells[at + 3] = dot;
		cells[at + 4] = keyEnd;
		cells[at + 5] = end;
		cells[at + 6] = first;
		cells[at + 7] = last;
		this.length++;
	}

	/** One number of a row. */
	get(row: number, column: number): number {
		return this.#cells[row * width + column]!;
	}
}
