import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files in which two run folders differ, times and process numbers aside; empty where one might be the other.
 * Both must have been written to the same path, one after the other.
 */
export function runDifference(one: string, other: string): string[] {
	const names = new Set([...filesOf(one), ...filesOf(other)].map(withoutMoment));
	const find = (folder: string, name: string): string | undefined =>
		filesOf(folder).find((file) => withoutMoment(file) === name);
	return [...names].sort().filter((name) => {
		const [a, b] = [one, other].map((folder) => [folder, find(folder, name)] as const);
		return a![1] === undefined || b![1] === undefined || content(a![0], a![1]) !== content(b![0], b![1]);
	});
}

function filesOf(folder: string): string[] {
	return readdirSync(folder, { recursive: true })
		.map(String)
		.filter((name) => lstatSync(join(folder, name)).isFile());
}

// A file of events is named after the second it was begun in.
function withoutMoment(name: string): string {
	return name.replace(/tfevents\.\d+/u, 'tfevents');
}

function content(folder: string, name: string): string {
	const bytes = readFileSync(join(folder, name));
	if (name.includes('tfevents')) {
		return events(bytes);
	}
	if (/\.safetensors$/u.test(name) || name === 'identity.json') {
		return bytes.toString('latin1');
	}
	return /history\.csv$/u.test(name)
		? withoutTimeColumns(bytes.toString('utf8'))
		: withoutTimes(bytes.toString('utf8'));
}

function withoutTimeColumns(text: string): string {
	const [header = [], ...rows] = text.split('\n').map((line) => line.split(','));
	const kept = header.flatMap((name, column) => (name.startsWith('time/') ? [] : [column]));
	return [header, ...rows].map((row) => kept.map((column) => row[column]).join()).join('\n');
}

function withoutTimes(text: string): string {
	return (
		text
			.replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/gu, 'TIME')
			.replace(/pid"?:? ?\d+/gu, 'PID')
			.replace(/"(?:[a-z_]*[sS]econds|time\/\w+)": ?[\d.e-]+/gu, 'SECONDS')
			.replace(/ {2}[\d.]+ m?s$/gmu, '  SECONDS')
			// The checksum of a file that holds times.
			.replace(/("state\.json": \{)[^}]*/gu, '$1')
	);
}

// Each record: its length, a checksum, the event (it begins with its time), a checksum.
function events(bytes: Buffer): string {
	const all: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const length = Number(bytes.readBigUInt64LE(at));
		const event = bytes.subarray(at + 12 + 9, at + 12 + length).toString('latin1');
		all.push(/time\/|_hparams_/u.test(event) ? `${event.length > 0}` : event);
		at += length + 16;
	}
	return all.join('\n');
}
