/** Writes synthetic finished runs and times `runs list` on them: tsx bench/many-runs.ts [COUNT] [EPOCHS] [FOLDER]. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stream } from '../src/core/random.ts';

const [count = '10000', epochs = '10', kept] = process.argv.slice(2);
const folder = kept ?? mkdtempSync(join(tmpdir(), 'gimlet-runs-'));
for (let at = 0; at < Number(count); at++) {
	writeRun(join(folder, `group-${Math.floor(at / 1000)}`, `run-${at}`), at, Number(epochs));
}
if (kept === undefined) {
	for (const title of ['cold', 'with the index', 'with the index']) {
		const began = performance.now();
		const memory = execFileSync(
			'/usr/bin/env',
			['bash', '-c', `"$0" list "$1" 2>&1 >/dev/null | tail -1`, program(), folder],
			{ encoding: 'utf8' },
		);
		console.log(`${title}: ${((performance.now() - began) / 1000).toFixed(2)} s, ${memory.trim()}`);
	}
	rmSync(folder, { recursive: true });
}

function program(): string {
	return fileURLToPath(new URL('../bin/runs.ts', import.meta.url));
}

/** A run as training leaves it, with a learning curve of its own. */
function writeRun(run: string, at: number, length: number): void {
	mkdirSync(run, { recursive: true });
	const stream = new Stream(`run ${at}`);
	const rate = [0.0001, 0.001, 0.01, 0.1][at % 4]!;
	const rows = Array.from({ length }, (_, epoch) => {
		const loss = Math.exp((-epoch * rate * 100) / length) + 0.05 * stream.uniform();
		return [epoch, epoch * 38, 1197, rate, loss, 1 - loss / 2, loss * 1.1, 1 - loss / 1.9, 0.1, epoch / 10, 12000];
	});
	const last = rows.at(-1)!;
	const figures = {
		'train/loss': last[4],
		'train/accuracy': last[5],
		'valid/loss': last[6],
		'valid/accuracy': last[7],
	};
	const time = '2026-11-01T10:00:00.000+00:00';
	const parameter = (value: number) => ({ value, text: String(value), origin: { type: 'default' }, overrode: [] });
	const files = {
		'status.json': {
			schema: 'gimlet.status/1',
			state: at % 100 === 7 ? 'failed' : 'finished',
			reason: '',
			epoch: length,
			step: length * 38,
			created: time,
			started: time,
			updated: time,
			ended: time,
		},
		'summary.json': {
			schema: 'gimlet.summary/1',
			epochs: length,
			steps: length * 38,
			stopped: null,
			last: figures,
			test_checkpoint: 'best',
			test: { 'test/loss': last[6], 'test/accuracy': last[7] },
		},
		'operative.json': {
			schema: 'gimlet.operative/1',
			hash: `hash-${at}`,
			components: {
				adam: { kind: 'optimizer', parameters: { learning_rate: parameter(rate) } },
				train: { kind: 'function', parameters: { seed: parameter(Math.floor(at / 4)), batch_size: parameter(32) } },
			},
		},
	};
	for (const [name, content] of Object.entries(files)) {
		writeFileSync(join(run, name), `${JSON.stringify(content, undefined, '\t')}\n`);
	}
	const header =
		'epoch,step,n_examples,lr,train/loss,train/accuracy,valid/loss,valid/accuracy,time/epoch_s,time/total_s,time/examples_per_s';
	writeFileSync(join(run, 'history.csv'), `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`);
	writeFileSync(join(run, 'FINISHED'), `${time}\n`);
	// As old as it says: a folder that has just changed is not yet taken from an index.
	utimesSync(run, new Date(time), new Date(time));
}
