// Plain JavaScript, so that the thread starts in milliseconds without a TypeScript loader. It beats for any number of runs
// of its process, one after the other or at a time.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';

/** Every heart by its number: what it was started with, and its timer. */
const hearts = new Map();

/** Bytes of a lock that are read. */
const largestLock = 2 ** 16;

parentPort.on('message', ({ start, stop }) => {
	if (start !== undefined) {
		hearts.set(start.id, { ...start, timer: setInterval(() => beat(start.id), start.interval) });
		beat(start.id);
		parentPort.postMessage(start.id);
	} else {
		beat(stop);
		silence(stop);
		parentPort.postMessage(stop);
	}
});

function beat(id) {
	const heart = hearts.get(id);
	if (heart === undefined) {
		return;
	}
	if (!isOurs(heart)) {
		silence(id);
		return;
	}
	const [epoch, step] = heart.counters;
	const time = new Date().toISOString();
	const text = JSON.stringify({ schema: 'gimlet.heartbeat/1', pid: process.pid, epoch, step, time });
	const temporary = temporaryName(heart.file);
	try {
		// Of the same form as every temporary file, so that what a killed process leaves is removed.
		writeFileSync(temporary, `${text}\n`, { flag: 'wx' });
		renameSync(temporary, heart.file);
	} catch {
		// A full disk or a vanished folder: the missing beat is itself the sign.
	}
}

function isOurs({ lock, token }) {
	if (token === undefined) {
		return true;
	}
	let file;
	try {
		// Neither followed as a link nor waited for as a pipe.
		file = openSync(lock, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		const bytes = Buffer.alloc(largestLock);
		return JSON.parse(bytes.toString('utf8', 0, readSync(file, bytes, 0, largestLock, 0))).token === token;
	} catch {
		return false;
	} finally {
		if (file !== undefined) {
			closeSync(file);
		}
	}
}

function temporaryName(path) {
	return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
}

function silence(id) {
	clearInterval(hearts.get(id)?.timer);
	hearts.delete(id);
}
