import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { Preparation } from './preparation.ts';
import { statements } from './shell/text.ts';

/** One command of a job list. */
export interface Job {
	/** Hash of the command, 12 hexadecimal digits: the same wherever the line stands in the list. */
	readonly key: string;
	/** Readable and unique: names its log files. */
	readonly name: string;
	/** Where it begins in the list; the first line is 1. */
	readonly line: number;
	readonly command: string;
	/** The lines before it that only prepare a shell (`export`, `cd`, `set`, …); run before the command, in its shell. */
	readonly setup: string;
}

export interface JobList {
	readonly jobs: readonly Job[];
	/** The shell that the first line of the list names: `bash` for `#!/usr/bin/env bash`. */
	readonly shell: string | undefined;
}

/** Reads a job list; a missing one is a `UsageError`. */
export function readJobList(path: string): JobList {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
		throw new UsageError('jobs.list', `The job list ${path} cannot be read: ${reason}.`);
	}
	return parseJobList(textOf(bytes, path), path);
}

// Bytes that are no character would be replaced, and the command would be another one.
function textOf(bytes: Buffer, path: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		const lines = bytes.toString('utf8').split('\n');
		const line = lines.findIndex((one) => one.includes('\ufffd')) + 1;
		throw new UsageError('jobs.not_utf8', `${path}:${line}: this line is not UTF-8.`);
	}
}

/**
 * The jobs of a shell file, one command each, in their order. Blank lines, comments, `wait` and a closing `exit` are no
 * jobs, nor is what stands between the comments `# jobs: off` and `# jobs: on`; a closing `&` is dropped, since jobs run
 * side by side anyway. Throws `UsageError` for what would come to something else than in a shell that runs the whole file.
 */
export function parseJobList(text: string, file = 'the list'): JobList {
	const jobs: Job[] = [];
	const seen = new Map<string, number>();
	const preparation = new Preparation(file);
	for (const statement of statements(withoutHidden(text), file)) {
		const { setup } = preparation;
		if (preparation.next(statement) === 'job') {
			const meaning = withoutBackground(statement.normal);
			const count = seen.get(meaning) ?? 0;
			seen.set(meaning, count + 1);
			const key = jobKey(meaning, count);
			const command = withoutBackground(statement.text);
			jobs.push({ key, name: `${slug(meaning)}-${key}`, line: statement.line, command, setup });
		}
	}
	return { jobs, shell: shellOf(text) };
}

// A line that stands twice is run twice, as a shell would.
function jobKey(normal: string, occurrence: number): string {
	const text = occurrence === 0 ? normal : `${normal}\0${occurrence}`;
	return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function withoutHidden(text: string): string {
	let isHidden = false;
	const shown = text.split('\n').map((line) => {
		const mark = /^\s*#\s*jobs:\s*(on|off)\b/u.exec(line)?.[1];
		isHidden = mark === undefined ? isHidden : mark === 'off';
		return isHidden ? '' : line;
	});
	return shown.join('\n');
}

function withoutBackground(command: string): string {
	return command.replace(/(?<![&>\\])&\s*$/u, '').trimEnd();
}

function shellOf(text: string): string | undefined {
	return /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?(?:\S*\/)?(bash|dash|ksh|sh|zsh)\b/u.exec(text)?.[1];
}

// The program and the last parts of its first arguments tell a person most.
function slug(normal: string): string {
	const words = normal.split(' ').filter((word) => !/^[A-Za-z_]\w*=/u.test(word));
	const parts = words.slice(0, 3).map((word) => basename(word).replace(/\.(?:[cm]?[jt]s|py|sh)$/u, ''));
	const text = parts.join('-').replaceAll(/[^\w.=-]+/gu, '_');
	return text.replaceAll(/^[_.-]+|[_-]+$/gu, '').slice(0, 40) || 'job';
}
