import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Tensorboard } from '../../../src/callbacks/tensorboard.ts';
import { eventFiles } from '../../../src/run/events.ts';
import { played } from '../../fixtures/training.ts';
import { decode } from '../run/event-file.ts';

interface Event {
	readonly summary?: { readonly value: ReadonlyArray<{ readonly tag: string; readonly image?: Picture }> };
}

interface Picture {
	readonly height: number;
	readonly width: number;
	readonly encoded_image_string: Uint8Array;
}

test('pictures of any size are written', async (t) => {
	const path = mkdtempSync(join(tmpdir(), 'gimlet-pictures-'));
	writeFileSync(join(path, 'config.gin'), 'x = 1\n');
	const [height, width] = [400, 1000];
	const inputs = Float32Array.from({ length: height * width * 3 }, (_, i) => i % 256);
	const callback = new Tensorboard({ histograms_every: null, images: 2 });
	const { training } = played([callback]);
	callback.onRunStart({
		...training,
		run: { path, check: () => {} },
		metrics: [],
		data: { spec: { shape: [height, width, 3] }, splits: { train: { inputs, size: 1 } } },
	} as never);
	const values = (decode(eventFiles(join(path, 'tb'))[0]!) as Event[]).flatMap(({ summary }) => summary?.value ?? []);
	const { image } = values.find(({ tag }) => tag === 'examples/0')!;
	t.is(image?.height, height);
	t.is(image?.width, width);
	t.true(image!.encoded_image_string.length > 1000);
});
