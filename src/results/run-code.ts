import { createHash } from 'node:crypto';
import { readRecord } from '../run/layouts.ts';

/** What computed a run, besides its config and data. */
export interface RunCode {
	/** SHA-256 by name, of the sources that compute and of plug-ins. */
	readonly files: Readonly<Record<string, string>>;
	/** Short names of all of it: equal ones are equal code, engines, libraries. */
	readonly shown: { readonly code: string; readonly engine: string; readonly tfjs: string };
}

/** The code of a run as it recorded it; undefined where it did not, or where that cannot be read. */
export function loadCode(run: string): RunCode | undefined {
	try {
		const identity = readRecord(run, 'identity');
		if (identity === undefined) {
			return undefined;
		}
		const { code, engine, versions } = identity;
		const files = { ...code.files, ...code.imported };
		const hash = createHash('sha256')
			.update(JSON.stringify(Object.entries(files).sort()))
			.digest('hex');
		const commit = code.commit?.slice(0, 10) ?? 'no commit';
		return {
			files,
			shown: {
				code: `${commit} (${hash.slice(0, 8)})`,
				engine: `${engine.tier} (${engine.simd})`,
				tfjs: versions['tfjs'] ?? '?',
			},
		};
	} catch {
		// A run that says nothing of its code is compared without it.
		return undefined;
	}
}

/** What differs in the code of runs: `code`, `engine`, `tfjs`, and the files; a run without a record counts as any other. */
export function differingCode(codes: ReadonlyArray<RunCode | undefined>): {
	readonly kinds: ReadonlyArray<keyof RunCode['shown']>;
	readonly files: readonly string[];
} {
	const known = codes.filter((code) => code !== undefined);
	const files = [...new Set(known.flatMap(({ files: own }) => Object.keys(own)))]
		.filter((name) => new Set(known.map(({ files: own }) => own[name])).size > 1)
		.sort();
	const differs = (kind: 'engine' | 'tfjs') => new Set(known.map(({ shown }) => shown[kind])).size > 1;
	const kinds = (['engine', 'tfjs'] as const).filter(differs);
	return { kinds: files.length > 0 ? ['code', ...kinds] : kinds, files };
}

/** `differingCode` as a sentence; undefined where nothing differs. */
export function sayDifferingCode(codes: ReadonlyArray<RunCode | undefined>): string | undefined {
	const { kinds, files } = differingCode(codes);
	const named = files.length > 5 ? `${files.slice(0, 5).join(', ')} and ${files.length - 5} more` : files.join(', ');
	const parts = kinds.map((kind) => (kind === 'code' ? `code (${named})` : kind));
	return parts.length === 0 ? undefined : `These runs were not computed by the same ${parts.join(', ')}.`;
}
