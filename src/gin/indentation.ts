/** The columns at which lines have begun, as Python's tokenizer keeps them. */
export class Indentation {
	/** How many dedent tokens are still to be given. */
	closing = 0;
	readonly #columns = [0];

	/** Takes the column of the next line: 1 for an indent, 0 for none or a dedent, undefined for a column never opened. */
	enter(column: number): number | undefined {
		const columns = this.#columns;
		if (column > columns.at(-1)!) {
			columns.push(column);
			return 1;
		}
		while (column < columns.at(-1)!) {
			columns.pop();
			this.closing++;
		}
		if (column !== columns.at(-1)) {
			// Taken as a column of its own, so that one mistake is reported once.
			columns.push(column);
			this.closing--;
			return undefined;
		}
		return 0;
	}

	/** Closes every column at the end of the text. */
	finish(): void {
		this.closing += this.#columns.length - 1;
		this.#columns.length = 1;
	}
}
