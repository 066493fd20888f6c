/** One word for any POSIX shell: quoted only where needed; a NUL cannot be in an argument and throws. */
export function shellQuote(word: string): string {
	if (word.includes('\0')) {
		throw new RangeError('a command-line argument cannot hold a NUL character');
	}
	return /^[\w@%+=:,./-]+$/u.test(word) && !word.startsWith('=') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a shell splits back into `words`. */
export function shellCommand(words: readonly string[]): string {
	return words.map((word, index) => (index === 0 && word.includes('=') ? `'${word}'` : shellQuote(word))).join(' ');
}
