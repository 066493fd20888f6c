import { visible } from './visible.ts';

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

/**
 * A command for a person to type or to copy, on one line that a terminal shows as it is: a word with control characters is
 * written as `$'…'`, which bash, zsh and ksh read.
 */
export function typedCommand(words: readonly string[]): string {
	return words.map((word, index) => (visible(word) === word ? typedWord(word, index) : ansiQuote(word))).join(' ');
}

/** A path as an operand: one that begins with "-" is no option. */
export function operand(path: string): string {
	return path.startsWith('-') ? `./${path}` : path;
}

function typedWord(word: string, index: number): string {
	return index === 0 ? shellCommand([word]) : shellQuote(word);
}

function ansiQuote(word: string): string {
	const characters = Array.from(word, (character) => {
		if (character === "'" || character === '\\') {
			return `\\${character}`;
		}
		return visible(character) === character ? character : bytesOf(character);
	});
	return `$'${characters.join('')}'`;
}

function bytesOf(character: string): string {
	return Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
