import { formatError } from './format-error.ts';

/** A regular file inside a tar archive. */
export interface TarMember {
	/** Path as written in the archive. */
	readonly path: string;
	readonly bytes: Uint8Array;
}

const block = 512;

/** The regular files of an uncompressed tar archive (POSIX ustar); `file` names the archive in errors. */
export function readTar(file: string, archive: Uint8Array): TarMember[] {
	const members: TarMember[] = [];
	let at = 0;
	while (at + block <= archive.length && archive[at] !== 0) {
		const header = archive.subarray(at, at + block);
		checkHeader(file, header, at);
		const size = octal(header, 124, 12);
		if (size === undefined) {
			throw formatError(file, `the size of ${text(header, 0, 100)} at ${at} is no octal number`);
		}
		const start = at + block;
		if (start + size > archive.length) {
			throw formatError(
				file,
				`expected ${size} bytes of ${text(header, 0, 100)} at ${start}, found ${archive.length - start}`,
			);
		}
		if (isRegular(header)) {
			members.push({ path: path(header), bytes: archive.subarray(start, start + size) });
		}
		at = start + Math.ceil(size / block) * block;
	}
	return members;
}

/** Whether bytes begin with a tar header: its checksum holds. */
export function isTar(bytes: Uint8Array): boolean {
	return bytes.length >= block && bytes[0] !== 0 && checksum(bytes) === octal(bytes, 148, 8);
}

function checkHeader(file: string, header: Uint8Array, at: number): void {
	if (!isTar(header)) {
		throw formatError(file, `expected a tar header at byte ${at}, found none whose checksum holds`);
	}
}

function isRegular(header: Uint8Array): boolean {
	const type = header[156];
	return type === 0 || type === 0x30;
}

function path(header: Uint8Array): string {
	const isUstar = text(header, 257, 5) === 'ustar';
	const prefix = isUstar ? text(header, 345, 155) : '';
	const name = text(header, 0, 100);
	return prefix === '' ? name : `${prefix}/${name}`;
}

// The sum of all header bytes, its own field counted as spaces.
function checksum(header: Uint8Array): number {
	let sum = 0;
	for (let i = 0; i < block; i += 1) {
		sum += i >= 148 && i < 156 ? 0x20 : header[i]!;
	}
	return sum;
}

// Undefined for what is no such number, as a negative one or the binary form for sizes beyond 8 GB.
function octal(header: Uint8Array, start: number, length: number): number | undefined {
	const digits = text(header, start, length).trim();
	return /^[0-7]*$/u.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
}

function text(header: Uint8Array, start: number, length: number): string {
	const field = header.subarray(start, start + length);
	const end = field.indexOf(0);
	return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1');
}
