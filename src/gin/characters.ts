const startFlag = 1;
const partFlag = 2;
const digitFlag = 4;

// One table look-up settles nearly every character of a real config.
const flags = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
	const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
	const isDigit = code >= 48 && code <= 57;
	flags[code] = (isLetter ? startFlag | partFlag : 0) | (isDigit ? partFlag | digitFlag : 0);
}

const unicodePart = /[\p{L}\p{N}_]/u;
// A few signs, such as U+2118, may begin a name by Unicode's rules and yet are no word characters.
const unicodeStart = /(?=[\p{L}\p{N}])\p{XID_Start}/u;

/** Whether the code point may begin a name in Python's tokenizer. */
export function isNameStart(code: number): boolean {
	return code < 128 ? (flags[code]! & startFlag) !== 0 : unicodeStart.test(String.fromCodePoint(code));
}

/** Whether the UTF-16 unit is an ASCII letter or underscore: the only first characters gin allows in a name. */
export function isAsciiStart(code: number): boolean {
	return code < 128 && (flags[code]! & startFlag) !== 0;
}

/** Whether the UTF-16 unit is one of 0 to 9. */
export function isDigit(code: number): boolean {
	return code >= 48 && code <= 57;
}

/** The offset behind the run of word characters (Python's `\w`) that begins at `offset`. */
export function skipWord(text: string, offset: number): number {
	let end = offset;
	while (end < text.length) {
		const code = text.charCodeAt(end);
		if (code < 128) {
			if ((flags[code]! & partFlag) === 0) {
				return end;
			}
			end += 1;
		} else {
			const point = text.codePointAt(end)!;
			const character = String.fromCodePoint(point);
			if (!unicodePart.test(character)) {
				return end;
			}
			end += character.length;
		}
	}
	return end;
}
