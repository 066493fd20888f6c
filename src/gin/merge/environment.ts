import type { Problem } from '../../core/errors.ts';
import { isSecretName } from '../../core/secret-names.ts';
import type { EnvValue, Value } from '../ast.ts';
import { parseValue } from '../parser.ts';
import { problemAt } from '../problem.ts';
import { mapValue, visitValue } from '../values.ts';
import type { MergedEnv } from './merged.ts';

/** A value without `env()`, and what was asked of the environment for it. */
export interface Resolved {
	readonly value: Value;
	readonly found: readonly MergedEnv[];
	readonly problems: readonly Problem[];
}

/**
 * Replaces each `env()` in a value. A variable is a string, unless the fallback is of another type: then its text is
 * read as a gin value of plain data (no references, no macros).
 */
export function resolveEnv(value: Value, env: (name: string) => string | undefined): Resolved {
	const found: MergedEnv[] = [];
	const problems: Problem[] = [];
	const resolved = mapValue(value, (leaf) => {
		if (leaf.type !== 'env') {
			return leaf;
		}
		const span = leaf.span!;
		const text = env(leaf.name);
		found.push({ name: leaf.name, found: text, span });
		if (text === undefined && leaf.fallback === undefined) {
			problems.push(
				problemAt('config.env_unset', span, `the variable ${leaf.name} is not set, and no fallback is given`),
			);
		}
		const read = text === undefined ? leaf.fallback : readVariable(leaf, text);
		if (text !== undefined && read === undefined) {
			problems.push(
				problemAt(
					'config.env_value',
					span,
					`the variable ${leaf.name} holds ${isSecretName(leaf.name) ? 'a secret' : JSON.stringify(text)}, which is not one value of plain data`,
				),
			);
		}
		// The fallback stands in for what could not be read: one mistake is one message.
		return noted(read ?? leaf.fallback ?? { type: 'none', span }, leaf);
	});
	return { value: resolved, found, problems };
}

// Records may hold the expression in place of the text.
function noted(value: Value, from: EnvValue): Value {
	return mapValue(value, (leaf) => (leaf.type === 'string' ? { ...leaf, from } : leaf));
}

function readVariable({ fallback, span }: EnvValue, text: string): Value | undefined {
	if (fallback === undefined || fallback.type === 'string') {
		return { type: 'string', value: text, span };
	}
	const trimmed = text.trim();
	const { value, end } = parseValue({ name: 'environment', kind: 'text', text: trimmed }, { extensions: true });
	// `0,01` begins with a value, and means another one.
	const isWhole = value !== undefined && end === trimmed.length;
	return isWhole && isPlainData(value) ? mapValue(value, (leaf) => ({ ...leaf, span })) : undefined;
}

function isPlainData(value: Value): boolean {
	let isPlain = true;
	visitValue(value, ({ type }) => {
		isPlain &&= type !== 'reference' && type !== 'macro' && type !== 'env';
	});
	return isPlain;
}
