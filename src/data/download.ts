import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
	/** Attempts per address; each begins where the last one ended. 4 when left out. */
	readonly attempts?: number;
	/** Longest silence of a server in seconds; 30 when left out. */
	readonly stall?: number;
	/** Seconds before the second attempt, doubled before each further one; 1 when left out. */
	readonly backoff?: number;
	readonly onProgress?: (progress: Progress) => void;
}

/** A transfer that failed; `final` when trying again cannot help. */
export class TransferError extends Error {
	constructor(
		message: string,
		readonly final: boolean,
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
	for (let attempt = 1; ; attempt += 1) {
		try {
			await transfer(url, `${path}.part`, options);
			syncFile(`${path}.part`);
			renameSync(`${path}.part`, path);
			return;
		} catch (error) {
			const failure = asTransferError(error);
			if (failure.final || attempt >= attempts) {
				throw failure;
			}
			await sleep(backoff * 1000 * 2 ** (attempt - 1));
		}
	}
}

async function transfer(url: string, part: string, { stall = 30, onProgress }: DownloadOptions): Promise<void> {
	const abort = new AbortController();
	const silence = setTimeout(() => abort.abort(new TransferError(`no data for ${stall} s`, false)), stall * 1000);
	try {
		const have = existsSync(part) ? statSync(part).size : 0;
		const response = await fetch(url, {
			signal: abort.signal,
			// Bytes as they are on the server: sizes and ranges must mean the same thing.
			headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
		});
		silence.refresh();
		const start = startOf(response, have, part);
		await receive(response, part, start, () => silence.refresh(), progressOf(url, start, response, onProgress));
	} finally {
		clearTimeout(silence);
	}
}

// Where the body belongs in the file: 0 when the server sends everything again.
function startOf(response: Response, have: number, part: string): number {
	if (response.status === 206) {
		const range = /^bytes (\d+)-/u.exec(response.headers.get('content-range') ?? '');
		if (Number(range?.[1]) !== have) {
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
	start: number,
	onData: () => void,
	report: (received: number) => void,
): Promise<void> {
	const total = expected(response, start);
	const out = createWriteStream(part, { flags: start > 0 ? 'r+' : 'w', start });
	let received = start;
	try {
		for await (const chunk of response.body ?? []) {
			received += chunk.length;
			await write(out, chunk);
			onData();
			report(received);
		}
	} finally {
		await close(out);
	}
	if (total !== undefined && received !== total) {
		throw new TransferError(`the transfer ended after ${received} of ${total} bytes`, false);
	}
}

function write(out: NodeJS.WritableStream, chunk: Uint8Array): Promise<void> {
	return new Promise((resolve, reject) => out.write(chunk, (error) => (error ? reject(error) : resolve())));
}

function close(out: ReturnType<typeof createWriteStream>): Promise<void> {
	return new Promise((resolve, reject) => {
		out.once('error', reject);
		out.end(() => resolve());
	});
}

function expected(response: Response, start: number): number | undefined {
	const length = response.headers.get('content-length');
	return length === null ? undefined : start + Number(length);
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

// Fetch hides the reason of a network failure in a cause.
function asTransferError(error: unknown): TransferError {
	if (error instanceof TransferError) {
		return error;
	}
	const { cause, code } = error as { cause?: Error & { code?: string }; code?: string };
	if (code !== undefined && /^E(NOSPC|DQUOT|ROFS|ACCES|IO|PERM)$/u.test(code)) {
		throw error;
	}
	return new TransferError(cause?.code ?? cause?.message ?? (error as Error).message, false);
}
