import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RefusedError } from '../../core/errors.ts';
import { nearPath } from '../../core/near-path.ts';
import type { EngineInfo } from '../../engine/backend.ts';
import { allKinds } from '../../registry/kinds.ts';
import { readRecord } from '../../run/layouts.ts';
import { projectRoot } from '../training-config.ts';
import type { PluginCode } from './plugin-sources.ts';

/** `identity.json`: what, besides the config and the data, decides what a run computes. */
export interface Identity {
	readonly schema: 'gimlet.identity/1';
	readonly code: {
		readonly commit: string | null;
		/** SHA-256 of every source file that computes something, and of every plug-in. */
		readonly files: Readonly<Record<string, string>>;
		/** Of the files that plug-ins import by a path, `narrow.ts: ../layers.ts`; absent in older runs. */
		readonly imported?: Readonly<Record<string, string>>;
	};
	readonly versions: Readonly<Record<string, string>>;
	readonly engine: { readonly tier: string; readonly simd: string };
	/** SHA-256 of the files that describe the run, as they were written; absent in older runs. */
	readonly records?: Readonly<Record<string, string>> | undefined;
}

/** What differs when a run is continued. */
export interface IdentityChanges {
	/** Other code, which would make the rest of the run another run. */
	readonly code: readonly string[];
	/** Other data, which would do so too. */
	readonly data: readonly string[];
	/** Another engine, which may give other last bits; also among the notices. */
	readonly engine: readonly string[];
	/** Allowed, but worth a line. */
	readonly notices: readonly string[];
}

// What computes; the rest reads, writes and drives. Components are in the folders of their kinds.
const computing = ['core/frequency.ts', 'core/random.ts', 'core/rows.ts', 'data/', 'engine/', 'train/'];

/** The identity of this program now. */
export function identityNow(engine: EngineInfo, plugins: readonly PluginCode[], commit: string | null): Identity {
	const sources = join(projectRoot, 'src');
	const components = allKinds().flatMap(({ folder }) => (folder === undefined ? [] : [`${folder}/`]));
	const places = [...computing, ...components];
	const files = readdirSync(sources, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(sources.length + 1))
		.filter((name) => places.some((place) => name.startsWith(place)))
		.map((name) => [`src/${name}`, join(sources, name)] as const);
	const hashes = files
		.filter(([, path]) => existsSync(path))
		.map(([name, path]) => [name, createHash('sha256').update(readFileSync(path)).digest('hex')] as const);
	const named = plugins.map(({ path, files: parts }, at) => {
		const before = plugins.slice(0, at).filter((other) => basename(other.path) === basename(path)).length;
		return { name: before === 0 ? basename(path) : `${basename(path)}#${before + 1}`, parts };
	});
	const own = named.map(({ name, parts }) => [name, parts[0]!.sha256] as const);
	const imported = named.flatMap(({ name: plugin, parts }) =>
		parts.slice(1).map(({ name, sha256 }) => [`${plugin}: ${name}`, sha256] as const),
	);
	return {
		schema: 'gimlet.identity/1',
		code: { commit, files: sorted([...hashes, ...own]), ...(plugins.length > 0 ? { imported: sorted(imported) } : {}) },
		versions: { tfjs: engine.version, node: process.versions.node },
		engine: { tier: engine.tier, simd: engine.simd },
	};
}

function sorted(hashes: ReadonlyArray<readonly [string, string]>): Record<string, string> {
	return Object.fromEntries(hashes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** How the identity and the data of the run in `folder` differ from those of now. `data`: `data.json` of now. */
export function identityChanges(folder: string, now: Identity, data: unknown): IdentityChanges {
	const before: Identity | undefined = readRecord(folder, 'identity');
	const changedData = dataChanges('data', readRecord(folder, 'data'), data);
	const code = before === undefined ? [] : codeChanges(before, now);
	const notices: string[] = [];
	const engine: string[] = [];
	if (before !== undefined) {
		if (before.versions['tfjs'] !== now.versions['tfjs']) {
			code.push(`tfjs: ${before.versions['tfjs']} -> ${now.versions['tfjs']}`);
		}
		if (before.versions['node'] !== now.versions['node']) {
			notices.push(`Node: ${before.versions['node']} -> ${now.versions['node']}`);
		}
		const [old, present] = [before.engine, now.engine].map(({ tier, simd }) => `${tier} (${simd})`);
		if (old !== present) {
			engine.push(`engine: ${old} -> ${present}`);
			notices.push(`${engine[0]}: the last bits of results may differ from an uninterrupted run`);
		}
	}
	return { code, data: changedData, engine, notices };
}

/** A short name of what computes and of the data: another one for other code, another engine, other data. */
export function identityTag({ code, versions, engine }: Identity, data: unknown): string {
	const parts = [code.files, code.imported, versions['tfjs'], engine, data];
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** What the user lets pass. */
export interface AllowedChanges {
	readonly allowConfigChange?: boolean;
	readonly allowCodeChange?: boolean;
}

/** Throws what forbids continuing, unless it is allowed; returns what is to be recorded. */
export function checkIdentity(
	folder: string,
	{ code, data }: IdentityChanges,
	allowed: AllowedChanges,
): readonly string[] {
	const refused = [...(allowed.allowCodeChange ? [] : code), ...data];
	if (refused.length > 0 && !allowed.allowConfigChange) {
		const option = data.length === 0 ? '--allow-code-change' : '--allow-config-change';
		throw new RefusedError('run.other_identity', [
			`${nearPath(folder)} was trained by other code or on other data:`,
			...refused.map((difference) => `  ${difference}`),
			`Name another folder, use --force-new to move the run aside, or ${option} to continue all the same.`,
		]);
	}
	return [...code, ...data];
}

function codeChanges({ code: before }: Identity, { code: now }: Identity): string[] {
	// What older runs do not record cannot have changed.
	const isComparable = before.imported !== undefined && now.imported !== undefined;
	const [a, b] = [before, now].map(({ files, imported }) => ({ ...files, ...(isComparable ? imported : {}) }));
	const changed = [...new Set([...Object.keys(a!), ...Object.keys(b!)])].sort().filter((name) => a![name] !== b![name]);
	const commits = [before.commit, now.commit].map((commit) => commit?.slice(0, 10) ?? 'no commit');
	return changed.map((name) => {
		const [old, present] = [a![name], b![name]];
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
		return keys.flatMap((key) => {
			// What older runs do not record cannot have changed.
			const isYounger = key === 'content_sha256' && before[key] === undefined;
			return isYounger ? [] : dataChanges(`${name}.${key}`, before[key] ?? null, now[key] ?? null);
		});
	}
	return [`${name}: ${JSON.stringify(before)} -> ${JSON.stringify(now)}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
