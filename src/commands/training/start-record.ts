import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSecretName } from '../../core/secret-names.ts';
import type { Configuration } from '../../registry/configuration.ts';
import type { Repository } from '../../run/provenance.ts';
import { dataDir, projectRoot } from '../training-config.ts';
import type { RecordedTexts } from './recorded-texts.ts';

/** What is recorded of the way a session was started, so that the same can be started again elsewhere. */
export interface StartRecord {
	/** The program and its arguments. */
	readonly argv: readonly string[];
	readonly cwd: string;
	/** Where data sets were looked for. */
	readonly dataDir: string;
	/** The variables that the config or the engine asked for, and that were set. */
	readonly environment: Readonly<Record<string, string>>;
	/** Variables that were set and whose values are not recorded, as they are secrets. */
	readonly withheld: readonly string[];
	/** Parameters whose values are secrets and not recorded. */
	readonly masked: readonly string[];
	/** SHA-256 of the files that fix the versions of packages, by path. */
	readonly locks: Readonly<Record<string, string>>;
}

// Of those that programs read (bin/env.ts prints them), those that a run may depend on.
const engineVariables = ['OMP_NUM_THREADS', 'GIMLET_SIMD', 'GIMLET_DAWN'];

/** What to record of this process' start. */
export function startRecord(
	config: Configuration,
	repositories: readonly Repository[],
	texts: RecordedTexts,
): StartRecord {
	const secret = new Set(texts.withheld.flatMap(({ variables }) => variables));
	const isSecret = (name: string) => secret.has(name) || isSecretName(name);
	const asked = config.merged.environment.flatMap(({ name, found }) =>
		found === undefined ? [] : [[name, found] as const],
	);
	const engine = engineVariables.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
	const all = new Map([...asked, ...engine].sort(([a], [b]) => (a < b ? -1 : 1)));
	return {
		argv: texts.words(process.argv.slice(1)),
		cwd: process.cwd(),
		dataDir: dataDir(),
		environment: Object.fromEntries([...all].filter(([name]) => !isSecret(name))),
		withheld: [...all.keys()].filter(isSecret),
		masked: texts.withheld.map(({ path }) => path),
		locks: Object.fromEntries(locksOf(repositories)),
	};
}

function locksOf(repositories: readonly Repository[]): Array<readonly [string, string]> {
	const roots = [projectRoot, ...repositories.flatMap(({ state: { root } }) => root ?? [])];
	const paths = [...new Set(roots)].flatMap((root) =>
		['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'].map((name) => join(root, name)),
	);
	return paths
		.filter((path) => existsSync(path))
		.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]);
}
