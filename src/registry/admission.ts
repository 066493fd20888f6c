import { basename, dirname, resolve } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { nearPath } from '../core/near-path.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import { hashesOf, pluginFiles } from './plugin-files.ts';
import type { Plugin } from './plugins.ts';
import { type RecordedPlugin, recordedPlugin, regularFile } from './recorded-plugins.ts';
import { trustedPaths } from './trusted-list.ts';
import { UntrustedCodeError, type UntrustedFile } from './untrusted-code.ts';

/** A file of components that a run folder names: in its config, or in its record. */
export interface RunImport {
	readonly run: string;
	readonly module: string;
	/** What `module` is relative to. */
	readonly folder: string;
}

export interface AdmissionOptions {
	/** The working directory. */
	readonly project: string;
	/** What `--plugin` gave. */
	readonly given: readonly Plugin[];
	/** Code that has changed since the run is let through. */
	readonly allowChange: boolean;
}

/**
 * The files to load for what run folders import: none that the user has neither given with `--plugin` nor trusted, and
 * none that has changed since. Nothing is run to find out.
 */
export async function admit(imports: readonly RunImport[], options: AdmissionOptions): Promise<Plugin[]> {
	const admitted: Plugin[] = [];
	const refused: UntrustedFile[] = [];
	const changed: string[] = [];
	for (const one of distinct(imports)) {
		const named = new NamedFile(one, options.project);
		const given = named.among(options.given);
		if (given !== undefined) {
			changed.push(...(await named.changes(given.path)));
			continue;
		}
		const judged = await judge(named);
		if (typeof judged === 'string') {
			admitted.push({ path: judged, written: one.module });
		} else {
			refused.push(judged);
		}
	}
	if (refused.length > 0) {
		throw new UntrustedCodeError(nearPath(imports[0]!.run), refused);
	}
	if (changed.length > 0 && !options.allowChange) {
		throw changedCode(nearPath(imports[0]!.run), changed);
	}
	return admitted;
}

/** A file as a run folder names it, and what is recorded of it. */
class NamedFile {
	readonly module: string;
	readonly #path: string;
	readonly #recorded: RecordedPlugin | undefined;

	constructor({ module, folder, run }: RunImport, project: string) {
		this.module = module;
		this.#path = resolve(project, folder, this.module);
		this.#recorded = recordedPlugin(run, this.module, resolve(project, folder));
	}

	/** The copy that the run folder keeps. */
	get copy(): string | undefined {
		return this.#recorded?.copy;
	}

	/** The file itself, outside of any run folder; undefined where there is none. */
	get real(): string | undefined {
		for (const path of [this.#path, this.#recorded?.path]) {
			const real = path === undefined ? undefined : regularFile(path);
			if (real !== undefined && runFolderOf(path!) === undefined) {
				return real;
			}
		}
		return undefined;
	}

	/** The file where it lies in a run folder; undefined where it does not. */
	get inside(): string | undefined {
		return this.real === undefined ? regularFile(this.#path) : undefined;
	}

	get isRecorded(): boolean {
		return this.#recorded !== undefined;
	}

	/** The one that stands for this file: the same file, else one of its name. */
	among(given: readonly Plugin[]): Plugin | undefined {
		const same = [this.#path, this.#recorded?.path, this.copy].flatMap((path) =>
			path === undefined ? [] : (regularFile(path) ?? []),
		);
		return (
			given.find(({ path }) => same.includes(path)) ??
			given.find(({ path }) => basename(path) === basename(this.module))
		);
	}

	/** How a file, and what it imports, differs from the record; nothing where there is no record. */
	async changes(path: string): Promise<string[]> {
		if (this.#recorded === undefined) {
			return [];
		}
		const { hashes, isWhole } = this.#recorded;
		const now = hashesOf(await pluginFiles(path));
		const names = [...new Set([...hashes.keys(), ...(isWhole ? now.keys() : [])])].sort();
		return names
			.filter((name) => hashes.get(name) !== now.get(name))
			.map((name) => `${nearPath(resolve(dirname(path), name))} ${how(hashes.get(name), now.get(name))}`);
	}
}

async function judge(named: NamedFile): Promise<string | UntrustedFile> {
	const { module, copy, real } = named;
	const found = copy ?? real ?? named.inside;
	const instead = found === undefined ? undefined : nearPath(found);
	if (real === undefined || !trustedPaths().includes(real)) {
		const reason =
			found === undefined ? 'there is no such file' : found === named.inside ? 'in a run folder' : 'not trusted';
		return { named: module, reason, instead };
	}
	if (!named.isRecorded) {
		return { named: module, reason: 'trusted, but the run folder does not record what was in it', instead };
	}
	const changes = await named.changes(real);
	return changes.length === 0
		? real
		: { named: module, reason: `trusted, but no longer what the run was made with: ${changes.join(', ')}`, instead };
}

function how(before: string | undefined, now: string | undefined): string {
	return before === undefined ? 'is new' : now === undefined ? 'is gone' : 'has changed';
}

function changedCode(run: string, changes: readonly string[]): RefusedError {
	return new RefusedError('run.other_code', [
		`${run} was made with other code:`,
		...changes.map((change) => `  ${change}`),
		'--allow-code-change goes on all the same; the run folder keeps copies of its code in configs/.',
	]);
}

function distinct(imports: readonly RunImport[]): RunImport[] {
	const key = ({ module, folder, run }: RunImport) => [run, resolve(folder, module)].join('\n');
	return [...new Map(imports.map((one) => [key(one), one])).values()];
}
