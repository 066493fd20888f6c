import { basename } from 'node:path';
import { readCifar } from './cifar.ts';
import { unpacked } from './digest.ts';
import { formatError } from './format-error.ts';
import type { Source } from './source.ts';
import { readTar } from './tar.ts';

/** Which members of a CIFAR archive hold what. */
export interface CifarLayout {
	/** The last label byte is the class. */
	readonly labelBytes: 1 | 2;
	/** Of equal size, in order. */
	readonly train: readonly string[];
	readonly test: string;
	readonly trainSize: number;
	readonly testSize: number;
}

/** Values per image. */
export const cifarWidth = 32 * 32 * 3;

/** A source of bytes. */
export interface CifarSource extends Source {
	readonly inputs: Uint8Array;
	readonly labels: Uint8Array;
}

/** All images of a CIFAR archive (tar, plain or gzip): training first, then test. */
export function cifarSource(archive: string, bytes: Uint8Array, layout: CifarLayout): CifarSource {
	const { train, test, trainSize, testSize, labelBytes } = layout;
	// With room for the headers of its members, and the notes among them.
	const most = (trainSize + testSize) * (cifarWidth + labelBytes) + 2 ** 20;
	const content = readTar(archive, unpacked(bytes, most));
	const members = new Map(content.map((member) => [basename(member.path), member.bytes]));
	const inputs = new Uint8Array((trainSize + testSize) * cifarWidth);
	const labels = new Uint8Array(trainSize + testSize);
	const parts = [...train.map((name) => [name, trainSize / train.length] as const), [test, testSize] as const];
	let at = 0;
	for (const [name, size] of parts) {
		const member = members.get(name);
		if (member === undefined) {
			throw formatError(archive, `expected a member ${name}, found ${[...members.keys()].join(', ') || 'none'}`);
		}
		const images = readCifar(`${archive}:${name}`, member, labelBytes, size);
		inputs.set(images.inputs, at * cifarWidth);
		for (let i = 0; i < size; i += 1) {
			labels[at + i] = images.labels[(i + 1) * labelBytes - 1]!;
		}
		at += size;
	}
	return { inputs, labels, width: cifarWidth };
}
