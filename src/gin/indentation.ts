import { Failure } from './problems.ts';

/** The columns at which lines have begun, as Python's tokenizer keeps them. */
export class Indentation {
	/** How many dedent tokens are still to be given. */
	closing = 0;
	readonly #columns = [0];
	#column = 0;

	/** Reads the blanks that a line begins with and returns the offset behind them. */
	measure(text: string, offset: number): number {
		let column = 0;
		let end = offset;
		for (; end < text.length; end++) {
			const code = text.charCodeAt(end);
			if (code === 32) {
				column++;
			} else if (code === 9) {
				column = (Math.floor(column / 8) + 1) * 8;
			} else if (code === 12) {
				column = 0;
			} else {
				break;
			}
		}
		this.#column = column;
		return end;
	}

	/** Takes the line measured last: 1 for an indent, 0 for none or a dedent, undefined for a column never opened. */
	enter(): number | undefined {
		const column = this.#column;
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

/** The failure for a line whose column `enter` does not know. */
export function wrongDedent(offset: number): Failure {
	const message = 'this line goes back to a column where no earlier line began; indent it like one of the lines above';
	return new Failure('syntax.dedent', message, offset, offset, 'IndentationError');
}
