/** One word for the shell of another host. */
export function shellQuote(word: string): string {
	// A leading ~ means the home folder there and must stay outside the quotes.
	const [, home = '', rest = ''] = /^(~\/)?(.*)$/su.exec(word) ?? [];
	return `${home}'${rest.replaceAll("'", `'\\''`)}'`;
}
