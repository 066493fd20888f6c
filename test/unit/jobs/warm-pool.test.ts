import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Execution } from '../../../src/jobs/execution.ts';
import { parseJobList } from '../../../src/jobs/list.ts';
import { WarmPool } from '../../../src/jobs/warm-pool.ts';

// A worker that knows some tricks.
const worker = `
const fs = require('node:fs');
process.on('disconnect', () => process.exit(0));
let orders = 0;
process.on('message', ({ argv, env, log }) => {
	orders++;
	if (log !== undefined) {
		for (const fd of [1, 2]) {
			fs.closeSync(fd);
			fs.openSync(log, 'a');
		}
	}
	if (argv[1] === 'die') process.kill(process.pid, 'SIGKILL');
	process.stdout.write(argv.slice(1).join(' ') + ' ' + env.COLOUR + ' ' + orders + '\\n');
	process.stderr.write('said\\n');
	if (argv[1] === 'hang') return;
	process.send({ code: argv[1] === 'fail' ? 3 : 0, last: argv[1] === 'last' });
});
`;

test('orders go to one process after the other, each into its own log; a dead worker is replaced', async (t) => {
	const { send } = world(t);
	const lines = ["trick 'a  b'", 'trick fail', 'trick die', 'trick again', 'trick | cat', 'other'];
	const results = [];
	for (const line of lines) {
		const { execution, log } = send(line);
		results.push(execution === undefined ? 'shell' : { ...(await execution.ended), log: readFileSync(log, 'utf8') });
	}
	t.deepEqual(results, [
		{ code: 0, signal: null, log: 'a  b red 1\nsaid\n' },
		{ code: 3, signal: null, log: 'fail red 2\nsaid\n' },
		{ code: null, signal: 'SIGKILL', log: '' },
		{ code: 0, signal: null, log: 'again red 1\nsaid\n' },
		'shell',
		'shell',
	]);
});

test('a spent worker, one that was signalled and one that is out of date take no other order', async (t) => {
	const { send, edit } = world(t);
	const orders: string[] = [];
	const carryOut = async (line: string, act: (execution: Execution) => void = () => {}) => {
		const { execution, log } = send(line);
		act(execution!);
		const exit = await execution!.ended;
		orders.push(`${exit.signal ?? exit.code} ${readFileSync(log, 'utf8').split('\n')[0]}`);
	};
	await carryOut('trick last');
	await carryOut('trick one');
	await carryOut('trick two');
	edit();
	await carryOut('trick edited');
	// Whether the signal comes before or after the end: the next order is not hit by it.
	await carryOut('trick late', (execution) => void execution.ended.then(() => execution.signal('SIGTERM')));
	await carryOut('trick next');
	const hanging = send('trick hang');
	hanging.execution!.signal('SIGKILL');
	t.is((await hanging.execution!.ended).signal, 'SIGKILL');
	await carryOut('trick after');
	t.deepEqual(orders, [
		'0 last red 1',
		'0 one red 1',
		'0 two red 2',
		'0 edited red 1',
		'0 late red 2',
		'0 next red 1',
		'0 after red 1',
	]);
});

test('only a setup that means nothing to a plain command lets it go to a worker', (t) => {
	const { send } = world(t);
	t.is(send('export A=1\ntrick a').execution, undefined);
	t.is(send('set -e\ncd /\ntrick b').execution, undefined);
	t.not(send('set -euo pipefail\nset -x\ntrick c').execution, undefined);
});

function world(t: ExecutionContext) {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-pool-'));
	const path = join(folder, 'worker.cjs');
	writeFileSync(path, worker);
	let version = 0;
	let logs = 0;
	const pool = new WarmPool({
		worker: [process.execPath, path],
		cwd: folder,
		knows: ([program]) => program === 'trick',
		version: () => String(version),
	});
	t.teardown(async () => {
		await pool.close();
		rmSync(folder, { recursive: true, force: true });
	});
	const send = (line: string) => {
		const job = parseJobList(`${line}\n`).jobs.at(-1)!;
		const log = join(folder, `${logs++}.log`);
		const env = { PATH: process.env['PATH']!, COLOUR: 'red' };
		return { log, execution: pool.start({ job, attempt: 1, log, slot: 0, env }) };
	};
	return { send, edit: () => version++ };
}
