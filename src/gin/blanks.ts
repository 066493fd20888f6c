/** The offset behind the blanks, tabs and form feeds that begin at `offset`. */
export function skipBlanks(text: string, offset: number): number {
	let end = offset;
	for (; end < text.length; end++) {
		const code = text.charCodeAt(end);
		if (code !== 32 && code !== 9 && code !== 12) {
			break;
		}
	}
	return end;
}

/** How many characters of a line break stand at `offset`: 0 where none does. A carriage return alone may be one or not. */
export function lineBreakLength(text: string, offset: number, loneReturn: boolean): number {
	const code = text.charCodeAt(offset);
	if (code === 10) {
		return 1;
	}
	if (code !== 13) {
		return 0;
	}
	if (text.charCodeAt(offset + 1) === 10) {
		return 2;
	}
	return loneReturn ? 1 : 0;
}

/** Where Python says that a text ends: on a line of its own, but for a last line of blanks outside brackets. */
export function endOfText(text: string, isInBrackets: boolean): { line: number; column: number } {
	const lastLine = text.slice(text.lastIndexOf('\n') + 1);
	let line = lastLine === '' || (!isInBrackets && /^[ \t\f]*$/.test(lastLine)) ? 1 : 2;
	for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
		line++;
	}
	return { line, column: 0 };
}
