import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import { makeFolder, writeFileAtomic } from '../files/atomic.ts';
import { matching, unpacked } from './digest.ts';
import { byHand, type RequiredFile } from './files.ts';
import { isTar, readTar } from './tar.ts';

/** Folders inside the given one that are looked into. */
const deepest = 4;

interface Candidate {
	readonly name: string;
	readonly where: string;
	/** Named by the user himself: its content alone decides. */
	readonly isGiven?: true;
	readonly read: () => Uint8Array;
}

/**
 * Takes the files of a data set from a folder (and folders in it), a tar archive or a single file, plain or gzip.
 *
 * Files are found by name and accepted by SHA-256; a lone file may have any name.
 */
export function importFiles(dataset: string, folder: string, files: readonly RequiredFile[], from: string): void {
	const candidates = candidatesIn(from);
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
	for (const candidate of candidates) {
		const content = matching(candidate.read(), file.sha256);
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

function candidatesIn(from: string): Candidate[] {
	const kind = statSync(from, { throwIfNoEntry: false });
	if (kind === undefined) {
		throw new UsageError('data.import_missing', `--from ${from}: there is no such file or folder.`);
	}
	return kind.isDirectory() ? inFolder(from, deepest) : inFile(from);
}

function inFolder(folder: string, depth: number): Candidate[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			return depth > 0 ? inFolder(path, depth - 1) : [];
		}
		return [{ name: entry.name, where: path, read: () => readFileSync(path) }];
	});
}

// The archive itself is a candidate too: some data sets keep it as it is.
function inFile(path: string): Candidate[] {
	const bytes = readFileSync(path);
	const whole: Candidate = { name: basename(path), where: path, isGiven: true, read: () => bytes };
	const content = contentOf(bytes);
	if (content === undefined || !isTar(content)) {
		return [whole];
	}
	const members = readTar(path, content).map((member) => ({
		name: basename(member.path),
		where: `${path}:${member.path}`,
		read: () => member.bytes,
	}));
	return [whole, ...members];
}

function contentOf(bytes: Uint8Array): Uint8Array | undefined {
	try {
		return unpacked(bytes);
	} catch {
		// A damaged gzip file: its checksum will be reported.
		return undefined;
	}
}
