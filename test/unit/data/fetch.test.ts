import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { prepareFiles } from '../../../src/data/prepare.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const quick = { attempts: 3, stall: 10, backoff: 0.01 };

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function serve(t: ExecutionContext, handler: Handler): Promise<{ url: string; requests: string[] }> {
	const requests: string[] = [];
	const server = createServer((request, response) => {
		requests.push(`${request.url} ${request.headers.range ?? ''}`.trim());
		handler(request, response, requests.length);
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function send(request: IncomingMessage, response: ServerResponse, end = content.length): void {
	const start = Number(/bytes=(\d+)-/u.exec(request.headers.range ?? '')?.[1] ?? 0);
	response.writeHead(start > 0 ? 206 : 200, {
		'content-length': content.length - start,
		...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
	});
	const part = content.subarray(start, end);
	if (end < content.length) {
		response.write(part, () => setTimeout(() => response.destroy(), 50));
	} else {
		response.end(part);
	}
}

function place() {
	const dir = mkdtempSync(join(tmpdir(), 'gimlet-fetch-'));
	return { dir, file: join(dir, 'set', 'a.bin') };
}

const needed = (...bases: string[]) => [
	{ name: 'a.bin', sha256, bytes: content.length, mirrors: bases.map((base) => `${base}/a.bin`) },
];

test('fetches, verifies, leaves nothing else, and does nothing the second time', async (t) => {
	const { url, requests } = await serve(t, (request, response) => send(request, response));
	const { dir, file } = place();
	t.true(await prepareFiles('set', dir, needed(url), quick));
	t.deepEqual(readFileSync(file), content);
	t.deepEqual(readdirSync(join(dir, 'set')), ['a.bin']);
	t.false(await prepareFiles('set', dir, needed(url), quick));
	t.is(requests.length, 1);
});

test('an interrupted transfer goes on where it ended', async (t) => {
	const { url, requests } = await serve(t, (request, response, count) =>
		send(request, response, count === 1 ? 80_000 : undefined),
	);
	const { dir, file } = place();
	await prepareFiles('set', dir, needed(url), quick);
	t.deepEqual(readFileSync(file), content);
	t.is(requests.length, 2);
	// The last bytes before the break may not have been delivered.
	t.regex(requests[1]!, /^\/a\.bin bytes=[1-9]\d+-$/);
});

test('a server that ignores Range sends everything again', async (t) => {
	const { url } = await serve(t, (request, response, count) => {
		delete request.headers.range;
		send(request, response, count === 1 ? 80_000 : undefined);
	});
	const { dir, file } = place();
	await prepareFiles('set', dir, needed(url), quick);
	t.deepEqual(readFileSync(file), content);
});

test('a wrong checksum removes the file and tries the next address', async (t) => {
	const bad = await serve(t, (_request, response) => response.end('something else'));
	const good = await serve(t, (request, response) => send(request, response));
	const { dir, file } = place();
	const notices: string[] = [];
	await prepareFiles('set', dir, needed(bad.url, good.url), { ...quick, onNotice: (text) => notices.push(text) });
	t.deepEqual(readFileSync(file), content);
	t.regex(notices.join(), /wrong checksum/);
	t.is(bad.requests.length, 1);
});

test('404 is not tried again; without another address the error says what to place where', async (t) => {
	const { url, requests } = await serve(t, (_request, response) => response.writeHead(404).end());
	const { dir, file } = place();
	const error = await t.throwsAsync(prepareFiles('set', dir, needed(url), quick));
	t.is((error as unknown as { exitCode: number }).exitCode, 4);
	for (const part of ['HTTP 404', 'a.bin', '200000 bytes', sha256, join(dir, 'set'), 'bin/prepare.ts set --from']) {
		t.true(error!.message.includes(part), part);
	}
	t.is(requests.length, 1);
	t.false(existsSync(file));
});

test('a server that falls silent is given up, a slow one is not', async (t) => {
	const silent = await serve(t, (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		response.write(content.subarray(0, 100));
	});
	const slow = await serve(t, (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		let at = 0;
		const timer = setInterval(() => {
			response.write(content.subarray(at, at + 50_000));
			at += 50_000;
			if (at >= content.length) {
				clearInterval(timer);
				response.end();
			}
		}, 150);
	});
	const { dir, file } = place();
	const notices: string[] = [];
	const options = { ...quick, stall: 1, attempts: 1, onNotice: (text: string) => notices.push(text) };
	await prepareFiles('set', dir, needed(silent.url, slow.url), options);
	t.regex(notices.join(), /no data for 1 s/);
	t.deepEqual(readFileSync(file), content);
});

test('gzip from a mirror is unpacked; replaced mirrors are used', async (t) => {
	const { url, requests } = await serve(t, (_request, response) => response.end(gzipSync(content)));
	const { dir, file } = place();
	await prepareFiles('set', dir, needed('http://127.0.0.1:1'), { ...quick, mirrors: [`${url}/base/`] });
	t.deepEqual(readFileSync(file), content);
	t.deepEqual(requests, ['/base/set/a.bin']);
});

test('two at once: one fetches, the other waits', async (t) => {
	const { url, requests } = await serve(t, (request, response) => void setTimeout(() => send(request, response), 100));
	const { dir, file } = place();
	const did = await Promise.all([1, 2].map(() => prepareFiles('set', dir, needed(url), quick)));
	t.deepEqual(did.sort(), [false, true]);
	t.is(requests.length, 1);
	t.deepEqual(readFileSync(file), content);
});

test('a damaged file is made good again', async (t) => {
	const { url } = await serve(t, (request, response) => send(request, response));
	const { dir, file } = place();
	await prepareFiles('set', dir, needed(url), quick);
	writeFileSync(file, content.subarray(0, 9));
	t.true(await prepareFiles('set', dir, needed(url), quick));
	t.deepEqual(readFileSync(file), content);
});
