import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { maskedSource } from '../../registry/masked-source.ts';
import { Secrets, type Withheld } from '../../registry/secrets.ts';
import type { Source } from '../../run/sources.ts';

/** The texts that a run was made from, as they are recorded: without the secrets that stand in them. */
export class RecordedTexts {
	readonly withheld: readonly Withheld[];
	/** Config files, and the bindings of the command line. */
	readonly sources: readonly Source[];
	readonly #bindings = new Map<string, string>();
	/** What may stand for a secret in a text that is no config. */
	readonly #traces = new Set<string>();

	constructor(config: Configuration, { reached, lookup }: Checked) {
		const secrets = new Secrets(reached.nodes, lookup);
		this.withheld = secrets.withheld;
		const masked = (name: string, kind: 'file' | 'bindings', text: string) => {
			const found = maskedSource({ name, kind, text }, lookup, secrets);
			found.literals.forEach((literal) => void this.#traces.add(literal));
			return found.text;
		};
		const files = config.merged.files.map(({ path, text }) => ({ path, content: masked(path, 'file', text) }));
		for (const { name, kind, text } of config.sources) {
			if (kind === 'bindings') {
				this.#bindings.set(text, masked(name, 'bindings', text));
			}
		}
		const typed = [...this.#bindings.values()];
		const lines = typed.length === 0 ? [] : [{ path: 'command-line.txt', content: `${typed.join('\n')}\n` }];
		this.sources = [...files, ...lines];
		for (const text of secrets.texts) {
			// Shorter ones stand in many words; in quotes they have been found already.
			if (text.length >= shortest) {
				this.#traces.add(text);
			}
		}
	}

	/** The words of a command line. */
	words(words: readonly string[]): string[] {
		return words.map((word) => {
			for (const [text, masked] of this.#bindings) {
				if (masked !== text && word.endsWith(text)) {
					return word.slice(0, word.length - text.length) + masked;
				}
			}
			return word;
		});
	}

	/** A patch in which secrets are overwritten with as many `*`, so that all else stays in its place. */
	patch(patch: Uint8Array): Uint8Array {
		if (this.#traces.size === 0 || patch.length === 0) {
			return patch;
		}
		let text = Buffer.from(patch).toString('latin1');
		for (const trace of this.#traces) {
			const bytes = Buffer.from(trace).toString('latin1');
			text = text.replaceAll(bytes, '*'.repeat(bytes.length));
		}
		return Buffer.from(text, 'latin1');
	}
}

const shortest = 6;
