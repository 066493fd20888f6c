import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { run as runHere } from '../../src/commands/main.ts';
import { train } from '../../src/commands/train.ts';
import { json, scratch, tiny, treeHash } from './programs.ts';

const place = scratch();
const { at, run } = place;
test.after.always(() => place.remove());

const config = place.write(
	'tiny.gin',
	`${tiny}csv_logger.steps_every = '1 steps'\nmodel_checkpoint.monitor = 'valid/accuracy'\n`,
);
const more = ['-b', 'training_loop.n_epochs=4'];

/** What `train` says in this very process, for what ends before anything is written. */
async function said(...args: string[]) {
	const argv = [...process.argv];
	let err = '';
	const output = { write: (text: string | Uint8Array) => (err += String(text)) };
	const code = await runHere(train, args, { stdout: output, stderr: output, exitCode: 0 });
	process.argv.splice(0, Number.POSITIVE_INFINITY, ...argv);
	return { code, err };
}

/** A copy of a run, with something missing. */
function copyOf(name: string, copy: string, ...missing: string[]): string {
	cpSync(at(name), at(copy), { recursive: true, verbatimSymlinks: true });
	missing.forEach((one) => void rmSync(at(copy, one), { recursive: true }));
	return at(copy);
}

function steps(folder: string): string[] {
	return readdirSync(`${folder}/checkpoints`).filter((name) => name.startsWith('step-'));
}

test.before(async (t) => {
	const whole = await run('train', 'whole', config);
	t.is(whole.code, 0, whole.err);
	const stopped = copyOf('whole', 'stopped', 'FINISHED', 'summary.json', 'eval');
	writeFileSync(`${stopped}/status.json`, JSON.stringify({ ...json(stopped, 'status.json'), state: 'interrupted' }));
});

test.serial('a run whose checkpoints are gone is not begun again over what it has written', async (t) => {
	const whole = copyOf('whole', 'whole-bare', 'checkpoints');
	const complete = await said(whole, config);
	t.is(complete.code, 0, complete.err);
	t.regex(complete.err, /already complete \(3 epochs\)\. Its checkpoints are gone/u);
	const init = copyOf('whole', 'whole-init', 'checkpoints/last', 'checkpoints/best');
	for (const name of steps(init).slice(1)) {
		rmSync(`${init}/checkpoints/${name}`, { recursive: true });
	}
	const emptied = copyOf('stopped', 'stopped-emptied', 'checkpoints/last', 'checkpoints/best', 'checkpoints/init');
	steps(emptied).forEach((name) => void rmSync(`${emptied}/checkpoints/${name}`, { recursive: true }));
	const killed = copyOf('stopped', 'killed-bare', 'checkpoints');
	writeFileSync(`${killed}/status.json`, JSON.stringify({ ...json(killed, 'status.json'), state: 'running' }));
	for (const folder of [whole, init, copyOf('stopped', 'stopped-bare', 'checkpoints'), emptied, killed]) {
		const before = treeHash(folder);
		for (const args of [more, [...more, '--dry-run']]) {
			const { code, err } = await said(folder, config, ...args);
			t.is(code, 4, `${folder}: ${err}`);
			t.regex(err, /checkpoints.*--force-new/u);
		}
		t.is(treeHash(folder), before, folder);
	}
});

test.serial('a checkpoint that nobody could make again is missed; the newest is used where last is gone', async (t) => {
	const stopped = copyOf('stopped', 'stopped-best', 'checkpoints/best');
	const before = treeHash(stopped);
	const missing = await said(stopped, config);
	t.is(missing.code, 4, missing.err);
	t.regex(missing.err, /checkpoints\/best is not there any more/u);
	t.is(treeHash(stopped), before);
	const dry = await said(copyOf('stopped', 'stopped-last', 'checkpoints/last'), config, '--dry-run');
	t.is(dry.code, 0, dry.err);
	t.regex(dry.err, /checkpoints\/last is gone; the newest checkpoint that is whole is used/u);
});

test.serial('rows are not only counted: one that is repeated or gone is noticed', async (t) => {
	for (const [table, change] of [
		['history.csv', (rows: string[]) => [rows[1]!, ...rows.slice(1)]],
		['steps.csv', (rows: string[]) => [...rows.slice(1, 2), ...rows.slice(1)]],
	] as const) {
		const folder = copyOf('whole', `whole-${table}`);
		const [header = '', ...rows] = readFileSync(`${folder}/${table}`, 'utf8').trimEnd().split('\n');
		writeFileSync(`${folder}/${table}`, `${[header, ...change(rows)].join('\n')}\n`);
		const before = treeHash(folder);
		const { code, err } = await said(folder, config, ...more);
		t.is(code, 4, `${table}: ${err}`);
		t.regex(err, new RegExp(`${table} holds \\d+ whole rows in their order`, 'u'));
		t.is(treeHash(folder), before);
	}
});

test.serial('a run killed before its first step keeps the checkpoint it began with', async (t) => {
	const folder = copyOf('whole', 'begun', 'checkpoints/last', 'checkpoints/best', 'FINISHED', 'summary.json', 'eval');
	steps(folder)
		.slice(1)
		.forEach((name) => void rmSync(`${folder}/checkpoints/${name}`, { recursive: true }));
	for (const table of ['history.csv', 'steps.csv']) {
		writeFileSync(`${folder}/${table}`, `${readFileSync(`${folder}/${table}`, 'utf8').split('\n')[0]}\n`);
	}
	const status = { ...json(folder, 'status.json'), state: 'running', epoch: 0, step: 0 };
	writeFileSync(`${folder}/status.json`, JSON.stringify(status));
	const before = lstatSync(`${folder}/checkpoints/step-00000000`).ino;
	const { code, err } = await run('train', 'begun', config);
	t.is(code, 0, err);
	t.is(readlinkSync(`${folder}/checkpoints/init`), 'step-00000000');
	t.is(lstatSync(`${folder}/checkpoints/step-00000000`).ino, before);
});

test.serial('a checkpoint removed while its run trains fails the run, which says so', async (t) => {
	const plugin = place.write('remover.ts', remover);
	const { code, err } = await run('train', 'removed', config, '--plugin', plugin, '-b', 'train.callbacks=["remover"]');
	t.is(code, 4, err);
	t.regex(err, /checkpoints\/best is not there any more/u);
	t.is(json(at('removed'), 'status.json')['state'], 'failed');
});

const remover = `
import { rmSync } from 'node:fs';
import { Callback, callback, type Training } from 'gimlet';
import { z } from 'zod';
const parameters = z.object({}).describe('Removes what the run has saved.');
@callback('remover', parameters)
export class Remover extends Callback {
	constructor(_p: z.output<typeof parameters>) { super(); }
	override onBatchStart({ step, run }: Training): void {
		if (step === 14) { rmSync(run!.path + '/checkpoints/best'); }
	}
}
`;
