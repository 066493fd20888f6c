// Plain JavaScript, so that the thread starts in milliseconds without a TypeScript loader. It beats for any number of runs
// of its process, one after the other or at a time.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** Every heart by its number: what it was started with, and its timer. */
const hearts = new Map();

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
	try {
		writeFileSync(`${heart.file}.tmp`, `${text}\n`);
		renameSync(`${heart.file}.tmp`, heart.file);
	} catch {
		// A full disk or a vanished folder: the missing beat is itself the sign.
	}
}

function isOurs({ lock, token }) {
	if (token === undefined) {
		return true;
	}
	try {
		return JSON.parse(readFileSync(lock, 'utf8')).token === token;
	} catch {
		return false;
	}
}

function silence(id) {
	clearInterval(hearts.get(id)?.timer);
	hearts.delete(id);
}
