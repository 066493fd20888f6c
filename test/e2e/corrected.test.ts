import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { run as runHere } from '../../src/commands/main.ts';
import { train } from '../../src/commands/train.ts';
import { json, scratch, tiny, treeHash } from './programs.ts';

const place = scratch();
const { at, run } = place;
test.after.always(() => place.remove());

place.write(
	'picky.ts',
	`
import { Callback, callback } from 'gimlet';
import { z } from 'zod';

const parameters = z.object({ fails: z.boolean().default(false).describe('Whether it fails.') }).describe('Fails on request.');

@callback('picky', parameters)
export class Picky extends Callback {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override onBatchStart(): void {
		if (this.p.fails) {
			throw new Error('a wrong shape');
		}
	}
}
`,
);
const config = place.write('picky.gin', `import './picky.ts'\n${tiny}train.callbacks = ['picky']\n`);

/** What `train` says in this very process, for what ends before anything is written. */
async function said(...args: string[]) {
	const argv = [...process.argv];
	let err = '';
	const output = { write: (text: string | Uint8Array) => (err += String(text)) };
	const code = await runHere(train, args, { stdout: output, stderr: output, exitCode: 0 });
	process.argv.splice(0, Number.POSITIVE_INFINITY, ...argv);
	return { code, err };
}

test.serial('a run whose first batch failed makes way for the corrected command', async (t) => {
	const failed = await run('train', 'run', config, '-b', 'picky.fails=True');
	t.is(failed.code, 1, failed.err);
	t.like(json(at('run'), 'status.json'), { state: 'failed', epoch: 0, step: 0 });
	for (const name of ['kept', 'noted', 'trained', 'evaluated']) {
		cpSync(at('run'), at(name), { recursive: true, verbatimSymlinks: true });
	}
	const before = treeHash(place.folder);
	const dry = await said(at('run'), config, '--dry-run');
	t.is(dry.code, 0, dry.err);
	t.regex(dry.err, /the run that is here has done no step; a new one would take its place/u);
	t.is(treeHash(place.folder), before);
	const corrected = await run('train', 'run', config, '-b', 'mlp.units=[4]');
	t.is(corrected.code, 0, corrected.err);
	t.regex(corrected.err, /the run that was here had done no step; a new one takes its place/u);
	t.like(json(at('run'), 'status.json'), { state: 'finished', epoch: 3 });
	t.is((json(at('run'), 'meta.json')['sessions'] as unknown[]).length, 1);
	t.deepEqual(
		readdirSync(place.folder).filter((name) => name.startsWith('.')),
		[],
	);
});

test.serial('a run that did a step, or a folder with something of somebody in it, does not', async (t) => {
	writeFileSync(at('kept', 'KEEP'), '');
	writeFileSync(at('noted', 'notes.txt'), 'an idea');
	writeFileSync(at('trained', 'HEARTBEAT'), '{"schema":"gimlet.heartbeat/1","pid":1,"epoch":0,"step":7,"time":""}');
	cpSync(at('run', 'eval'), at('evaluated', 'eval'), { recursive: true });
	for (const name of ['kept', 'noted', 'trained', 'evaluated']) {
		const before = treeHash(at(name));
		const { code, err } = await said(at(name), config, '-b', 'mlp.units=[4]');
		t.is(code, 3, name);
		t.regex(err, /holds a run of another config:\n {2}mlp\.units.*\n(?: {2}.*\n)*Name another folder/u);
		t.is(treeHash(at(name)), before);
	}
});

test.serial('--dry-run says what train would say of the folder', async (t) => {
	const complete = await said(at('run'), config, '-b', 'mlp.units=[4]', '--dry-run');
	t.is(complete.code, 0, complete.err);
	t.regex(complete.err, /^.*run: already complete \(3 epochs\)\. A larger training_loop\.n_epochs continues it\.\n$/u);
	const other = await said(at('run'), config, '--dry-run');
	t.is(other.code, 3);
	t.regex(other.err, /run holds a run of another config:\n {2}mlp\.units/u);
	t.is((await said(at('picky.ts'), config, '--dry-run')).code, 3);
	const more = await said(at('run'), config, '-b', 'mlp.units=[4]#training_loop.n_epochs=4', '--dry-run');
	t.is(more.code, 0, more.err);
	t.regex(more.err, /the run that is here would be continued \(epoch 3, step \d+\)/u);
	const aside = await said(at('run'), config, '--dry-run', '--force-new');
	t.regex(aside.err, /would be moved aside/u);
	const auto = await said(at('many'), config, '--dry-run', '--auto');
	t.regex(auto.err, /many\/version_0: a new run would be started/u);
	t.false(existsSync(at('many')));
});

test.serial('--dry-run speaks of the length of all training, not of its one batch', async (t) => {
	const warm = (epochs: number) =>
		said(
			at('warm'),
			config,
			'--dry-run',
			'-b',
			`adam.learning_rate=@cosine()#cosine.initial=0.1#cosine.warmup=${epochs}`,
		);
	t.notRegex((await warm(2)).err, /warm-up/u);
	t.regex((await warm(4)).err, /its warm-up lasts 4 epochs and all of it 3:/u);
});

test.serial('--smoke trains, is interrupted, continued, tested and reported, and leaves nothing', async (t) => {
	const before = treeHash(place.folder);
	const { code, out, err } = await run('train', 'a/new/smoke', config, '--smoke');
	t.is(code, 0, err);
	t.is(out, '');
	t.regex(err, /interrupted after epoch 0, step 1.*continuing from.*epoch 2\/2.*test\/loss.*reported/su);
	t.is(treeHash(place.folder), before);
	const broken = await run('train', 'a/new/smoke', config, '--smoke', '-b', 'picky.fails=True');
	t.is(broken.code, 1);
	t.regex(broken.err, /a wrong shape/u);
	t.is(treeHash(place.folder), before);
});
