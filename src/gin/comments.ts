/** The comments of one text. */
export class Comments {
	/** Where each starts and ends: start, end, start, end … */
	readonly offsets: number[] = [];
	#upTo = -1;

	/** Takes the comment that begins at `start`, once however often its line is read, and returns the end of its line. */
	skip(text: string, start: number): number {
		const end = commentEnd(text, start);
		if (start > this.#upTo) {
			this.#upTo = start;
			this.offsets.push(start, end);
		}
		return end;
	}
}

function commentEnd(text: string, start: number): number {
	let end = start;
	for (; end < text.length; end++) {
		const code = text.charCodeAt(end);
		if (code === 10 || code === 13) {
			break;
		}
	}
	return end;
}
