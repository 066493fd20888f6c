import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseJobList } from '../../../src/jobs/list.ts';
import { WarmPool } from '../../../src/jobs/warm-pool.ts';

// A worker that knows three tricks.
const worker = `
process.on('disconnect', () => process.exit(0));
let orders = 0;
process.on('message', ({ argv, env, mark }) => {
	orders++;
	if (argv[1] === 'die') process.kill(process.pid, 'SIGKILL');
	process.stdout.write(argv.slice(1).join(' ') + ' ' + env.COLOUR + ' ' + orders + '\\n' + mark);
	process.stderr.write('said\\n' + mark);
	process.send({ code: argv[1] === 'fail' ? 3 : 0 });
});
`;

test('orders go to one process after the other, each into its own log; a dead worker is replaced', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-pool-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'worker.cjs');
	writeFileSync(path, worker);
	const env = { PATH: process.env['PATH']! };
	const pool = new WarmPool({
		worker: [process.execPath, path],
		cwd: folder,
		env,
		knows: ([program]) => program === 'trick',
	});
	const { jobs } = parseJobList("trick 'a  b'\ntrick fail\ntrick die\ntrick again\ntrick | cat\nother\n");
	const results = [];
	for (const [index, job] of jobs.entries()) {
		const log = join(folder, `${index}.log`);
		const execution = pool.start({ job, attempt: 1, log, slot: 0, env: { ...env, COLOUR: 'red' } });
		results.push(
			execution === undefined
				? 'shell'
				: { ...(await execution.ended), log: readFileSync(log, 'utf8').split('\n').sort() },
		);
	}
	await pool.close();
	t.deepEqual(results, [
		{ code: 0, signal: null, log: ['', 'a  b red 1', 'said'] },
		{ code: 3, signal: null, log: ['', 'fail red 2', 'said'] },
		{ code: null, signal: 'SIGKILL', log: [''] },
		{ code: 0, signal: null, log: ['', 'again red 1', 'said'] },
		'shell',
		'shell',
	]);
});
