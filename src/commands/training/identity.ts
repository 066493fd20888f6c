import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RefusedError } from '../../core/errors.ts';
import type { EngineInfo } from '../../engine/backend.ts';
import { allKinds } from '../../registry/kinds.ts';
import { runPath } from '../../run/paths.ts';
import { projectRoot } from '../training-config.ts';

/** `identity.json`: what, besides the config and the data, decides what a run computes. */
export interface Identity {
	readonly schema: 'gimlet.identity/1';
	readonly code: {
		readonly commit: string | null;
		/** SHA-256 of every source file that computes something, and of every plug-in. */
		readonly files: Readonly<Record<string, string>>;
	};
	readonly versions: Readonly<Record<string, string>>;
	readonly engine: { readonly tier: string; readonly simd: string };
}

/** What differs when a run is continued. */
export interface IdentityChanges {
	/** Would make the rest of the run another run. */
	readonly refused: readonly string[];
	/** Allowed, but worth a line. */
	readonly notices: readonly string[];
}

// What computes; the rest reads, writes and drives. Components are in the folders of their kinds.
const computing = ['core/frequency.ts', 'core/random.ts', 'core/rows.ts', 'data/', 'engine/', 'train/'];

/** The identity of this program now. */
export function identityNow(
	engine: EngineInfo,
	plugins: ReadonlyArray<{ readonly path: string }>,
	commit: string | null,
): Identity {
	const sources = join(projectRoot, 'src');
	const components = allKinds().flatMap(({ folder }) => (folder === undefined ? [] : [`${folder}/`]));
	const places = [...computing, ...components];
	const files = readdirSync(sources, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(sources.length + 1))
		.filter((name) => places.some((place) => name.startsWith(place)))
		.map((name) => [`src/${name}`, join(sources, name)] as const);
	const own = plugins.map(({ path }) => [basename(path), path] as const);
	const hashes = [...files, ...own]
		.filter(([, path]) => existsSync(path))
		.map(([name, path]) => [name, createHash('sha256').update(readFileSync(path)).digest('hex')] as const)
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return {
		schema: 'gimlet.identity/1',
		code: { commit, files: Object.fromEntries(hashes) },
		versions: { tfjs: engine.version, node: process.versions.node },
		engine: { tier: engine.tier, simd: engine.simd },
	};
}

/** How the identity and the data of the run in `folder` differ from those of now. `data`: `data.json` of now. */
export function identityChanges(folder: string, now: Identity, data: unknown): IdentityChanges {
	const before = readJson<Identity>(runPath(folder, 'identity'));
	const refused = dataChanges('data', readJson(runPath(folder, 'data')), data);
	const notices: string[] = [];
	if (before !== undefined) {
		refused.unshift(...codeChanges(before, now));
		if (before.versions['tfjs'] !== now.versions['tfjs']) {
			refused.push(`tfjs: ${before.versions['tfjs']} -> ${now.versions['tfjs']}`);
		}
		if (before.versions['node'] !== now.versions['node']) {
			notices.push(`Node: ${before.versions['node']} -> ${now.versions['node']}`);
		}
		const [old, present] = [before.engine, now.engine].map(({ tier, simd }) => `${tier} (${simd})`);
		if (old !== present) {
			notices.push(`engine: ${old} -> ${present}: the last bits of results may differ from an uninterrupted run`);
		}
	}
	return { refused, notices };
}

/** Throws what forbids continuing, unless it is allowed; returns what is to be recorded. */
export function checkIdentity(folder: string, { refused }: IdentityChanges, isAllowed: boolean): readonly string[] {
	if (refused.length > 0 && !isAllowed) {
		throw new RefusedError(
			'run.other_identity',
			[
				`${folder} was trained by other code or on other data:`,
				...refused.map((difference) => `  ${difference}`),
				'Name another folder, use --force-new to move the run aside, or --allow-config-change to continue all the same.',
			].join('\n'),
		);
	}
	return refused;
}

function codeChanges(before: Identity, now: Identity): string[] {
	const names = [...new Set([...Object.keys(before.code.files), ...Object.keys(now.code.files)])].sort();
	const changed = names.filter((name) => before.code.files[name] !== now.code.files[name]);
	const commits = [before.code.commit, now.code.commit].map((commit) => commit?.slice(0, 10) ?? 'no commit');
	return changed.map((name) => {
		const [old, present] = [before.code.files[name], now.code.files[name]];
		const how = old === undefined ? 'is new' : present === undefined ? 'is gone' : 'has changed';
		return `code: ${name} ${how} (${commits[0]} -> ${commits[1]})`;
	});
}

function dataChanges(name: string, before: unknown, now: unknown): string[] {
	if (before === undefined || JSON.stringify(before) === JSON.stringify(now)) {
		return [];
	}
	if (isRecord(before) && isRecord(now)) {
		const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
		return keys.flatMap((key) => dataChanges(`${name}.${key}`, before[key] ?? null, now[key] ?? null));
	}
	return [`${name}: ${JSON.stringify(before)} -> ${JSON.stringify(now)}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readJson<T>(path: string): T | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as T;
	} catch {
		return undefined;
	}
}
