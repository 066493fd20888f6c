/**
 * Whether a name says that what it names is a secret: one of its words is token, secret, password or key. Words are
 * divided by signs, by digits and by capitals: `api_key`, `apiKey` and `WANDB_TOKEN` are, `max_tokens` and `keyboard` are not.
 */
export function isSecretName(name: string): boolean {
	const words = name
		.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
		.replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
		.toLowerCase()
		.split(/[^\p{L}]+/u);
	return words.some((word) => secretWords.has(word));
}

const secretWords: ReadonlySet<string> = new Set(['token', 'secret', 'password', 'key']);
