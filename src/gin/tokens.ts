/** What a token is: an operator of one character is its character code, everything else one of these. */
export const token = {
	end: 200,
	newline: 201,
	/** A line break inside brackets, or behind a line without a statement. */
	softNewline: 202,
	indent: 203,
	dedent: 204,
	name: 205,
	number: 206,
	string: 207,
	/** An operator of several characters, such as `==` or `//`. */
	operator: 208,
	/** A character no token begins with, or a string that is not closed on its line. */
	error: 209,
	/** `|=`. */
	mergeAssign: 210,
};

/** The length of the operator at `offset`, longest match as in Python; 0 where none stands. */
export function operatorLength(text: string, offset: number): number {
	const character = text[offset]!;
	const next = text[offset + 1];
	switch (character) {
		case '(':
		case ')':
		case '[':
		case ']':
		case '{':
		case '}':
		case ',':
		case ';':
		case '~':
			return 1;
		case '.':
			return next === '.' && text[offset + 2] === '.' ? 3 : 1;
		case '*':
		case '/':
		case '<':
		case '>':
			if (next === character) {
				return text[offset + 2] === '=' ? 3 : 2;
			}
			return next === '=' ? 2 : 1;
		case '-':
			return next === '=' || next === '>' ? 2 : 1;
		case '!':
			return next === '=' ? 2 : 0;
		case '=':
		case ':':
		case '+':
		case '%':
		case '@':
		case '&':
		case '|':
		case '^':
			return next === '=' ? 2 : 1;
		default:
			return 0;
	}
}
