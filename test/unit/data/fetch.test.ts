import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { prepareFiles } from '../../../src/data/prepare.ts';
import { send as sendContent, serve } from '../../fixtures/data/server.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const quick = { attempts: 3, stall: 60, backoff: 0.01 };

const send = sendContent.bind(undefined, content);

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

test('a server that sends without end, or more than the file can have, is not listened to', async (t) => {
	const endless = await serve(t, (_request, response) => {
		const more = () => void response.write(Buffer.alloc(2 ** 16), (error) => (error ? undefined : more()));
		more();
	});
	const long = await serve(t, (_request, response) => {
		response.setHeader('content-length', 10_000_000).write('x');
	});
	const { dir } = place();
	const error = await t.throwsAsync(prepareFiles('set', dir, needed(endless.url, long.url), quick));
	t.is(error!.message.match(/the server has more to send than the 265736 bytes/gu)?.length, 2);
	t.is(endless.requests.length + long.requests.length, 2);
	t.false(existsSync(join(dir, 'set')));
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

test('a server that falls silent is given up, and the next one asked', async (t) => {
	const silent = await serve(t, (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		response.write(content.subarray(0, 100));
	});
	const mute = await serve(t, () => {});
	const good = await serve(t, (request, response) => send(request, response));
	const { dir, file } = place();
	const notices: string[] = [];
	const options = { ...quick, stall: 0.5, attempts: 1, onNotice: (text: string) => notices.push(text) };
	await prepareFiles('set', dir, needed(silent.url, mute.url, good.url), options);
	t.deepEqual(
		notices.map((text) => text.replace(/^\S+ /u, '')),
		['no data for 0.5 s', 'no data for 0.5 s'],
	);
	t.deepEqual(readFileSync(file), content);
	// What the first began is not left lying about.
	t.deepEqual(readdirSync(join(dir, 'set')), ['a.bin']);
});

test('a server that is slow in all, but never silent for long, is waited for', async (t) => {
	const stall = 2;
	const pieces = 10;
	const slow = await serve(t, (_request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		let piece = 0;
		const next = (): void => {
			response.write(content.subarray((piece * content.length) / pieces, ((piece + 1) * content.length) / pieces));
			piece += 1;
			if (piece < pieces) {
				setTimeout(next, 250);
			} else {
				response.end();
			}
		};
		next();
	});
	const { dir, file } = place();
	const begun = performance.now();
	await prepareFiles('set', dir, needed(slow.url), { ...quick, stall, attempts: 1 });
	t.true(performance.now() - begun > stall * 1000, 'slower in all than one silence may be');
	t.deepEqual(readFileSync(file), content);
});

test('a connection that breaks again and again is no reason to give up while it brings something', async (t) => {
	const { url, requests } = await serve(t, (request, response, count) =>
		send(request, response, count <= 6 ? count * 25_000 : undefined),
	);
	const { dir, file } = place();
	// The bytes before a break may not be delivered on a busy machine: some attempts may bring nothing.
	await prepareFiles('set', dir, needed(url), { ...quick, attempts: 5 });
	t.deepEqual(readFileSync(file), content);
	t.true(requests.length >= 7);
});

test('a server that breaks off without anything new is given up', async (t) => {
	const { url, requests } = await serve(t, (request, response) => {
		delete request.headers.range;
		send(request, response, 1000);
	});
	const { dir } = place();
	const error = await t.throwsAsync(prepareFiles('set', dir, needed(url), quick));
	t.regex(error!.message, /set could not be fetched/);
	t.true(requests.length >= 3 && requests.length <= 6, `${requests.length}`);
});

test('what was received before belongs to another file: the transfer starts over', async (t) => {
	const { url, requests } = await serve(t, (request, response, count) => {
		if (count === 1) {
			send(request, response, 80_000);
		} else if (count === 2) {
			response.writeHead(416).end();
		} else {
			send(request, response);
		}
	});
	const { dir, file } = place();
	await prepareFiles('set', dir, needed(url), quick);
	t.deepEqual(readFileSync(file), content);
	t.is(requests[2], '/a.bin');
});

test('a server that packs what it sends although not asked to', async (t) => {
	const { url } = await serve(t, (_request, response) => {
		const packed = gzipSync(content);
		response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
	});
	const { dir, file } = place();
	await prepareFiles('set', dir, needed(url), quick);
	t.deepEqual(readFileSync(file), content);
});

test('a folder in the place of the file is an error of this machine, not of a server', async (t) => {
	const { url } = await serve(t, (request, response) => send(request, response));
	const { dir, file } = place();
	mkdirSync(file, { recursive: true });
	const error = await t.throwsAsync(prepareFiles('set', dir, needed(url), quick));
	t.regex(error!.message, /directory/);
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
