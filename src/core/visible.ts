/*
 * Characters that a terminal obeys or does not show: control characters, marks that turn the direction of text, blanks of
 * no width, separators of lines, halves of surrogate pairs. How an emoji is to look (U+FE0E, U+FE0F) is no such thing.
 */
const hidden = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text for people on one line: what a terminal would obey or hide is written as an escape such as `\x1b` or `\n`. */
export function visible(text: string): string {
	return text.replaceAll(hidden, (character) => named[character] ?? escapeOf(character));
}

/** The same for text of several lines: its line breaks and tabs stay. */
export function visibleLines(text: string): string {
	return text.replaceAll(hidden, (character) =>
		character === '\n' || character === '\t' ? character : (named[character] ?? escapeOf(character)),
	);
}

/** JSON whose every character can be seen: the value that is read back is the same. */
export function visibleJson(value: unknown, indent: '' | '\t' = '\t'): string {
	// Within strings line breaks and tabs are escapes already: those that are left are between the values.
	return JSON.stringify(value, undefined, indent).replaceAll(hidden, (character) =>
		character === '\n' || character === '\t'
			? character
			: Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(''),
	);
}

function escapeOf(character: string): string {
	const code = character.codePointAt(0)!;
	return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 0)}}`;
}

function hex(code: number, digits: number): string {
	return code.toString(16).padStart(digits, '0');
}
