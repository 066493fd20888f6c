import test from 'ava';
import { eventFiles } from '../../src/run/events.ts';
import { decode } from '../unit/run/event-file.ts';
import { column, scratch, tiny } from './programs.ts';

const place = scratch();
const { at, run } = place;
const config = place.write('tiny.gin', tiny);
test.after.always(() => place.remove());

interface Value {
	readonly tag: string;
	readonly simple_value?: number;
	readonly histo?: object;
	readonly image?: object;
}

interface Event {
	readonly step?: number;
	readonly summary?: { readonly value: readonly Value[] };
}

test.serial('the event file of a run, and of a continued run, holds what its history does', async (t) => {
	t.is((await run('train', 'run', config)).code, 0);
	isHistory(t, 3);
	t.is((await run('train', 'run', config, '-b', 'training_loop.n_epochs=5')).code, 0);
	isHistory(t, 5);
});

test.serial('weights as histograms, the config as text, hyper-parameters', (t) => {
	const values = events().flatMap(({ summary }) => summary?.value ?? []);
	const histograms = new Set(values.filter(({ histo }) => histo !== undefined).map(({ tag }) => tag));
	t.deepEqual([...histograms].sort(), ['dense1/bias', 'dense1/kernel', 'logits/bias', 'logits/kernel']);
	const others = values.filter(({ histo, simple_value }) => histo === undefined && simple_value === undefined);
	t.true(others.some(({ tag }) => tag.startsWith('_hparams_/')));
	t.true(others.some(({ tag }) => tag.includes('config')));
});

test.serial('training images, as many as asked for', async (t) => {
	const bindings = "train.dataset='digits'#training_loop.n_epochs=1#tensorboard.images=3#digits.train_limit=64";
	const plain = place.write('images.gin', tiny.replace(/^blobs.*\n/mu, ''));
	const { code, err } = await run('train', 'images', plain, '-b', bindings);
	t.is(code, 0, err);
	const images = events('images')
		.flatMap(({ summary }) => summary?.value ?? [])
		.filter(({ image }) => image !== undefined);
	t.is(images.length, 3);
});

function isHistory(t: import('ava').ExecutionContext, epochs: number): void {
	const scalars = new Map<string, Array<[number, number]>>();
	for (const { step = 0, summary } of events()) {
		for (const { tag, simple_value } of summary?.value ?? []) {
			if (simple_value !== undefined) {
				scalars.set(tag, [...(scalars.get(tag) ?? []), [step, simple_value]]);
			}
		}
	}
	const steps = column(at('run'), 'step').map(Number);
	t.is(steps.length, epochs);
	const names = ['n_examples', 'lr', 'train/loss', 'train/accuracy', 'valid/loss', 'valid/accuracy'];
	t.deepEqual(
		[...scalars.keys()].filter((name) => !name.startsWith('time/')),
		names,
	);
	for (const name of names) {
		const written = column(at('run'), name).map((cell, row): [number, number] => [
			steps[row]!,
			Math.fround(Number(cell)),
		]);
		t.deepEqual(scalars.get(name), written, name);
	}
}

function events(name = 'run'): Event[] {
	const files = eventFiles(at(name, 'tb'));
	return files.flatMap((file) => decode(file) as Event[]);
}
