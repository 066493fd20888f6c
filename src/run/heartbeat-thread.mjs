// Plain JavaScript, so that the thread starts in milliseconds without a TypeScript loader.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { counters, file, lock, token, interval } = workerData;

const timer = setInterval(beat, interval);
parentPort.once('message', () => {
	beat();
	stop();
});
beat();
parentPort.postMessage('beating');

function beat() {
	if (!isOurs()) {
		stop();
		return;
	}
	const [epoch, step] = counters;
	const time = new Date().toISOString();
	const text = JSON.stringify({ schema: 'gimlet.heartbeat/1', pid: process.pid, epoch, step, time });
	try {
		writeFileSync(`${file}.tmp`, `${text}\n`);
		renameSync(`${file}.tmp`, file);
	} catch {
		// A full disk or a vanished folder: the missing beat is itself the sign.
	}
}

function isOurs() {
	if (token === undefined) {
		return true;
	}
	try {
		return JSON.parse(readFileSync(lock, 'utf8')).token === token;
	} catch {
		return false;
	}
}

function stop() {
	clearInterval(timer);
	parentPort.close();
}
