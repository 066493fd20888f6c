import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import { makeFolder, writeFileAtomic } from '../files/atomic.ts';
import { longestPacking, matching, unpacked } from './digest.ts';
import { byHand, type RequiredFile } from './files.ts';
import { isTar, readTar } from './tar.ts';

/** Folders inside the given one that are looked into. */
const deepest = 4;

interface Candidate {
	readonly name: string;
	readonly where: string;
	/** Named by the user himself: its content alone decides. */
	readonly isGiven?: true;
	readonly size: number;
	readonly read: () => Uint8Array;
}

/**
 * Takes the files of a data set from a folder (and folders in it), a tar archive or a single file, plain or gzip.
 *
 * Files are found by name and accepted by SHA-256; a lone file may have any name.
 */
export function importFiles(dataset: string, folder: string, files: readonly RequiredFile[], from: string): void {
	const candidates = candidatesIn(from, mostOf(files));
	const problems: string[] = [];
	const failed: RequiredFile[] = [];
	for (const file of files) {
		const named = candidates.length === 1 ? candidates : candidates.filter(({ name }) => isNamed(name, file));
		const content = firstMatch([...candidates.filter(({ isGiven }) => isGiven), ...named], file);
		if (content === undefined) {
			failed.push(file);
			problems.push(`  ${file.name}: ${explain(named, file)}`);
			continue;
		}
		makeFolder(folder);
		writeFileAtomic(join(folder, file.name), content);
	}
	if (failed.length > 0) {
		throw new EnvironmentError('data.import', [
			`${dataset} could not be taken from ${from}:`,
			...problems,
			...byHand(dataset, folder, failed),
		]);
	}
}

function firstMatch(candidates: readonly Candidate[], file: RequiredFile): Uint8Array | undefined {
	for (const candidate of candidates.filter(({ size }) => size <= longestPacking(file.bytes))) {
		const content = matching(candidate.read(), file);
		if (content !== undefined) {
			return content;
		}
	}
	return undefined;
}

function explain(named: readonly Candidate[], { name, sha256 }: RequiredFile): string {
	const problem =
		named.length === 0
			? 'not found'
			: `${named.map(({ where }) => where).join(', ')} has another sha256 than ${sha256}`;
	return /\.(tar\.gz|tgz)$/u.test(name)
		? `${problem}. Only the packed archive has a published sha256, so what was unpacked from it cannot be verified and is not taken: give the archive as it was published`
		: problem;
}

// MNIST is also passed around with a dot before "idx".
function isNamed(name: string, file: RequiredFile): boolean {
	const plain = (text: string) => text.replace(/\.gz$/u, '').replace(/\.idx/u, '-idx').toLowerCase();
	return [file.name, ...file.mirrors.map((mirror) => basename(new URL(mirror).pathname))].some(
		(wanted) => plain(wanted) === plain(name),
	);
}

// An archive may hold other files beside those wanted, or the same ones twice.
function mostOf(files: readonly RequiredFile[]): number {
	return 2 * files.reduce((sum, { bytes }) => sum + bytes, 0) + 2 ** 26;
}

function candidatesIn(from: string, most: number): Candidate[] {
	const kind = statSync(from, { throwIfNoEntry: false });
	if (kind === undefined) {
		throw new UsageError('data.import_missing', `--from ${from}: there is no such file or folder.`);
	}
	if (kind.isDirectory()) {
		return inFolder(from, deepest, new Set());
	}
	if (!kind.isFile()) {
		throw new UsageError('data.import_irregular', `--from ${from}: it is neither a regular file nor a folder.`);
	}
	if (kind.size > most) {
		const problem = `it has ${kind.size} bytes; what is wanted, with all that may be around it, has at most ${most}`;
		throw new EnvironmentError('data.import', `--from ${from}: ${problem}.`);
	}
	return inFile(from, most);
}

// Links are followed; a folder that is reached by several of them is looked into once.
function inFolder(folder: string, depth: number, seen: Set<string>): Candidate[] {
	const { dev, ino } = statSync(folder);
	if (seen.has(`${dev}:${ino}`)) {
		return [];
	}
	seen.add(`${dev}:${ino}`);
	const found: Candidate[] = [];
	const folders: string[] = [];
	for (const name of readdirSync(folder)) {
		const path = join(folder, name);
		const stats = statOrNothing(path);
		if (stats?.isDirectory()) {
			folders.push(path);
		} else if (stats?.isFile()) {
			found.push({ name, where: path, size: stats.size, read: () => readFileSync(path) });
		}
	}
	return [...found, ...(depth > 0 ? folders.flatMap((path) => inFolder(path, depth - 1, seen)) : [])];
}

function statOrNothing(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		// A link that leads to itself is no file.
		return undefined;
	}
}

// The archive itself is a candidate too: some data sets keep it as it is.
function inFile(path: string, most: number): Candidate[] {
	const bytes = readFileSync(path);
	const given = { name: basename(path), where: path, isGiven: true, size: bytes.length } as const;
	const whole: Candidate = { ...given, read: () => bytes };
	const content = contentOf(bytes, most);
	if (content === undefined || !isTar(content)) {
		return [whole];
	}
	const members = readTar(path, content).map((member) => ({
		name: basename(member.path),
		where: `${path}:${member.path}`,
		size: member.bytes.length,
		read: () => member.bytes,
	}));
	return [whole, ...members];
}

function contentOf(bytes: Uint8Array, most: number): Uint8Array | undefined {
	try {
		return unpacked(bytes, most);
	} catch {
		// A damaged gzip file, or one of far too much: its checksum will be reported.
		return undefined;
	}
}
