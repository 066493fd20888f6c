import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../files/atomic.ts';
import { Patience } from './patience.ts';
import { syncFile } from './sync-file.ts';

/** How a transfer stands. */
export interface Progress {
	readonly url: string;
	/** Bytes here so far, those of an earlier attempt included. */
	readonly received: number;
	/** Undefined when the server does not say. */
	readonly total: number | undefined;
	/** Seconds to go at the average speed of this attempt. */
	readonly eta: number | undefined;
}

export interface DownloadOptions {
	/** Attempts in a row that bring nothing new, per address; each begins where the last one ended. 4 when left out. */
	readonly attempts?: number;
	/** Longest wait for a server's next bytes in seconds; 30 when left out. */
	readonly stall?: number;
	/** Seconds before the second attempt, doubled before each further one; 1 when left out. */
	readonly backoff?: number;
	readonly onProgress?: (progress: Progress) => void;
	/** The most bytes that the file can have; a server that has more to send is not listened to. */
	readonly most?: number;
}

/** A transfer that failed; `final` when trying again cannot help, `unreachable` when the server was not even found. */
export class TransferError extends Error {
	constructor(
		message: string,
		readonly final: boolean,
		readonly unreachable = false,
	) {
		super(message);
	}
}

/**
 * Fetches an address into `path`, through `path.part`, which an interrupted transfer leaves behind and the next one
 * continues (HTTP Range). The file appears only whole. Throws TransferError after the last attempt.
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<void> {
	const { attempts = 4, backoff = 1 } = options;
	const part = `${path}.part`;
	let furthest = sizeOf(part);
	for (let failures = 0; ; ) {
		try {
			await transfer(url, part, options);
			syncFile(part);
			renameSync(part, path);
			return;
		} catch (error) {
			const failure = asTransferError(path, error);
			const reached = sizeOf(part);
			failures = reached > furthest ? 1 : failures + 1;
			furthest = Math.max(furthest, reached);
			// Without a network each retry would only keep its user waiting; one that breaks down on the way is waited for.
			const isHopeless = failure.final || (failure.unreachable && furthest === 0);
			if (isHopeless || failures >= attempts) {
				throw failure;
			}
			await sleep(backoff * 1000 * 2 ** (failures - 1));
		}
	}
}

function sizeOf(path: string): number {
	return existsSync(path) ? statSync(path).size : 0;
}

async function transfer(url: string, part: string, options: DownloadOptions): Promise<void> {
	const { stall = 30, onProgress, most = Number.POSITIVE_INFINITY } = options;
	const abort = new AbortController();
	const patience = new Patience(stall, () => abort.abort(new TransferError(`no data for ${stall} s`, false)));
	const have = sizeOf(part);
	const request = fetch(url, {
		signal: abort.signal,
		// Bytes as they are on the server: sizes and ranges must mean the same thing.
		headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
	});
	try {
		const response = await patience.limit(request);
		const start = startOf(response, have, part);
		await receive(response, part, { start, most }, patience, progressOf(url, start, response, onProgress));
	} finally {
		// A body that nobody reads to its end would hold the connection.
		abort.abort();
	}
}

// Where the body belongs in the file: 0 when the server sends everything again.
function startOf(response: Response, have: number, part: string): number {
	if (response.status === 206) {
		const range = /^bytes (\d+)-/u.exec(response.headers.get('content-range') ?? '');
		if (Number(range?.[1]) !== have || isEncoded(response)) {
			throw restart(part, `the server sent another range than asked for`);
		}
		return have;
	}
	if (response.status === 416) {
		throw restart(part, 'what was received before is longer than the file');
	}
	if (!response.ok) {
		const hopeless = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status);
		throw new TransferError(`HTTP ${response.status} ${response.statusText}`.trim(), hopeless);
	}
	return 0;
}

function restart(part: string, reason: string): TransferError {
	rmSync(part, { force: true });
	return new TransferError(`${reason}; starting over`, false);
}

async function receive(
	response: Response,
	part: string,
	{ start, most }: { readonly start: number; readonly most: number },
	patience: Patience,
	report: (received: number) => void,
): Promise<void> {
	if ((expected(response, start) ?? 0) > most) {
		throw tooMuch(part, most);
	}
	const out = await open(part, start > 0 ? 'a' : 'w');
	let received = start;
	try {
		received += await copy(response, out, patience, (bytes) => {
			if (start + bytes > most) {
				throw tooMuch(part, most);
			}
			report(start + bytes);
		});
	} finally {
		await out.close();
	}
	const total = expected(response, start);
	if (total !== undefined && received !== total) {
		throw new TransferError(`the transfer ended after ${received} of ${total} bytes`, false);
	}
}

function tooMuch(part: string, most: number): TransferError {
	rmSync(part, { force: true });
	return new TransferError(`the server has more to send than the ${most} bytes that the file can have`, true);
}

async function copy(
	response: Response,
	out: FileHandle,
	patience: Patience,
	report: (copied: number) => void,
): Promise<number> {
	const reader = response.body?.getReader();
	let copied = 0;
	while (reader !== undefined) {
		const { done, value } = await patience.limit(reader.read());
		if (done) {
			break;
		}
		await out.writeFile(value);
		copied += value.length;
		report(copied);
	}
	return copied;
}

// Of the whole file; unknown too when the server packs what it sends, for fetch unpacks it.
function expected(response: Response, start: number): number | undefined {
	const length = response.headers.get('content-length');
	return length === null || isEncoded(response) ? undefined : start + Number(length);
}

function isEncoded(response: Response): boolean {
	return (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
}

function progressOf(url: string, start: number, response: Response, onProgress: DownloadOptions['onProgress']) {
	const begun = performance.now();
	const total = expected(response, start);
	return (received: number): void => {
		const seconds = (performance.now() - begun) / 1000;
		const eta = total === undefined ? undefined : ((total - received) * seconds) / (received - start);
		onProgress?.({ url, received, total, eta });
	};
}

// Fetch hides the reason of a network failure in a cause; what the disk reports has none and is no fault of a server.
function asTransferError(path: string, error: unknown): TransferError {
	if (error instanceof TransferError) {
		return error;
	}
	const { cause, code } = error as { cause?: Error & { code?: string }; code?: string };
	if (cause === undefined && code !== undefined && /^E[A-Z]+$/u.test(code)) {
		throw explain(path, error);
	}
	const reason = cause?.code ?? cause?.message ?? (error as Error).message;
	return new TransferError(reason, false, unreachable.has(reason));
}

const unreachable = new Set([
	'bad port',
	'EAI_AGAIN',
	'ECONNREFUSED',
	'EHOSTUNREACH',
	'ENETDOWN',
	'ENETUNREACH',
	'ENOTFOUND',
	'UND_ERR_CONNECT_TIMEOUT',
]);
