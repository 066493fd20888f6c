import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type DurableStep, onDurableStep } from '../../../src/files/atomic.ts';
import { EventWriter, eventFiles } from '../../../src/run/events.ts';
import { type Whole, wholeRecords } from '../../../src/run/records.ts';
import { asObject, decode, slowCrc32c } from './event-file.ts';

test('the first record is the file version, and the file has the name TensorBoard looks for', (t) => {
	const folder = fresh();
	const writer = EventWriter.open(folder, { now: () => 1234.5 });
	writer.close();
	t.deepEqual(decode(writer.path), [{ wall_time: 1234.5, file_version: 'brain.Event:2' }]);
	t.is(writer.path, join(folder, 'events.out.tfevents.1234.gimlet'));
	t.deepEqual(eventFiles(folder), [writer.path]);
});

test('scalars: tag, value and steps beyond 32 bits', (t) => {
	const [, first, second] = write((writer) => {
		writer.scalar('train/loss', 0.5, 3);
		writer.scalar('train/loss', Number.NaN, 2 ** 40 + 7);
	});
	t.deepEqual(first, {
		wall_time: 1,
		step: 3,
		summary: { value: [{ tag: 'train/loss', simple_value: 0.5 }] },
	});
	t.is((second as { step: number }).step, 2 ** 40 + 7);
	t.is(value(second).simple_value, Number.NaN);
});

test('histograms: moments, limits ending at the maximum, counts', (t) => {
	const values = Float32Array.from([0, 1, 2, 3, 3, Number.NaN, Number.POSITIVE_INFINITY]);
	const { histo } = value(write((writer) => writer.histogram('weights', values, 1))[1]) as { histo: Histo };
	t.like(histo, { max: 3, num: 5, sum: 9, sum_squares: 23 });
	t.is(histo.bucket_limit.length, 30);
	t.is(histo.bucket_limit.at(-1), 3);
	t.is(histo.bucket.at(-1), 2);
	t.is(
		histo.bucket.reduce((a, b) => a + b),
		5,
	);
});

test('a histogram of one value, or of none, is one bucket', (t) => {
	const [one, none] = write((writer) => {
		writer.histogram('h', [2, 2], 1);
		writer.histogram('h', [Number.NaN], 1);
	})
		.slice(1)
		.map((event) => value(event).histo as Histo);
	t.like(one, { min: 2, max: 2, bucket_limit: [2], bucket: [2] });
	t.like(none, { bucket_limit: [0], bucket: [0] });
});

test('images are PNG files with their size', (t) => {
	const data = Uint8Array.from([0, 50, 100, 150, 200, 250]);
	const { image } = value(
		write((writer) => writer.image('sample', { width: 3, height: 2, channels: 1, data }, 9))[1],
	) as { image: { height: number; width: number; colorspace: number; encoded_image_string: Uint8Array } };
	t.like(image, { height: 2, width: 3, colorspace: 1 });
	t.is(Buffer.from(image.encoded_image_string.subarray(1, 4)).toString(), 'PNG');
});

test('texts are string tensors of the text plugin', (t) => {
	const { tag, tensor, metadata } = value(write((writer) => writer.text('notes', '**größe**', 0))[1]) as {
		tag: string;
		tensor: { dtype: number; tensor_shape: unknown; string_val: Uint8Array[] };
		metadata: { plugin_data: { plugin_name: string }; data_class: number };
	};
	t.is(tag, 'notes');
	t.is(tensor.dtype, 7);
	t.is(Buffer.from(tensor.string_val[0]!).toString(), '**größe**');
	t.is(metadata.plugin_data.plugin_name, 'text');
	t.is(metadata.data_class, 2);
});

test('hyper-parameters: experiment, start and end of the session', (t) => {
	const events = write((writer) => {
		writer.hparams({ learning_rate: 0.001, optimizer: 'adam', nesterov: true }, ['valid/accuracy']);
		writer.sessionEnd('success');
	}).slice(1);
	t.deepEqual(
		events.map((event) => value(event).tag),
		['_hparams_/experiment', '_hparams_/session_start_info', '_hparams_/session_end_info'],
	);
	const [experiment, start, end] = events.map(pluginData);
	t.deepEqual(experiment, {
		experiment: {
			hparam_infos: [
				{ name: 'learning_rate', type: 3 },
				{ name: 'optimizer', type: 1 },
				{ name: 'nesterov', type: 2 },
			],
			metric_infos: [{ name: { tag: 'valid/accuracy' } }],
		},
	});
	t.deepEqual(start, {
		session_start_info: {
			hparams: {
				learning_rate: { number_value: 0.001 },
				optimizer: { string_value: 'adam' },
				nesterov: { bool_value: true },
			},
			start_time_secs: 1,
		},
	});
	t.deepEqual(end, { session_end_info: { status: 1, end_time_secs: 1 } });
});

test('reopened, the same file goes on; resumed, it goes on from the recorded length', (t) => {
	const folder = fresh();
	const first = open(folder);
	first.scalar('a', 1, 1);
	const { length } = first;
	first.scalar('a', 2, 2);
	first.close();

	const second = open(folder);
	second.scalar('a', 3, 3);
	second.close();
	t.deepEqual(steps(second.path), [undefined, 1, 2, 3]);

	const third = EventWriter.open(folder, { resumeAt: length, now: () => 1 });
	third.scalar('a', 4, 2);
	third.close();
	t.deepEqual(steps(third.path), [undefined, 1, 2]);
	t.is(third.length, readFileSync(third.path).length);
	t.is(eventFiles(folder).length, 1);
});

test('resuming at 0 begins anew', (t) => {
	const folder = fresh();
	const first = open(folder);
	first.scalar('a', 1, 1);
	first.close();
	EventWriter.open(folder, { resumeAt: 0, now: () => 1 }).close();
	t.deepEqual(steps(first.path), [undefined]);
});

test('a file torn at any byte is repaired to its whole records', (t) => {
	const folder = fresh();
	const writer = open(folder);
	writer.scalar('a', 1, 1);
	writer.scalar('b', 2, 2);
	writer.close();
	const content = readFileSync(writer.path);
	for (let size = 0; size < content.length; size += 1) {
		writeFileSync(writer.path, content.subarray(0, size));
		const repaired = open(folder);
		repaired.scalar('c', 3, 9);
		repaired.close();
		const kept = Math.max(1, countWhole(content.subarray(0, size)).records);
		t.deepEqual(steps(writer.path), [undefined, 1, 2].slice(0, kept).concat(9), `torn at ${size}`);
	}
});

test('a damaged record is noticed wherever it is damaged', (t) => {
	const folder = fresh();
	const writer = open(folder);
	const { length } = writer;
	writer.scalar('a', 1, 1);
	writer.close();
	const content = readFileSync(writer.path);
	for (let i = length; i < content.length; i += 1) {
		const damaged = Buffer.from(content);
		damaged[i]! ^= 0x10;
		t.is(countWhole(damaged).bytes, length, `byte ${i}`);
	}
});

test('a length that is no end of a record is refused', (t) => {
	const folder = fresh();
	const writer = open(folder);
	writer.scalar('a', 1, 1);
	writer.close();
	const before = readFileSync(writer.path);
	for (const resumeAt of [writer.length - 1, writer.length + 1]) {
		t.throws(() => EventWriter.open(folder, { resumeAt }), { code: 'events.short' });
	}
	t.deepEqual(readFileSync(writer.path), before);
	appendFileSync(writer.path, 'x');
	t.notThrows(() => EventWriter.open(folder, { resumeAt: writer.length }).close());
});

test.serial('every event and every sync is announced as a durable step', async (t) => {
	const writer = open(fresh());
	const seen: DurableStep[] = [];
	const end = onDurableStep((step) => seen.push(step));
	writer.scalar('a', 1, 1);
	await writer.sync();
	end();
	writer.close();
	t.deepEqual(
		seen.map(({ kind }) => kind),
		['write', 'fsync'],
	);
	t.is(seen[0]!.path, writer.path);
});

interface Histo {
	readonly bucket_limit: readonly number[];
	readonly bucket: readonly number[];
}

function countWhole(content: Uint8Array): Whole {
	const path = join(fresh(), 'events');
	writeFileSync(path, content);
	const file = openSync(path, 'r');
	try {
		return wholeRecords(file, content.length);
	} finally {
		closeSync(file);
	}
}

function fresh(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-events-'));
}

function open(folder: string): EventWriter {
	return EventWriter.open(folder, { now: () => 1 });
}

function write(action: (writer: EventWriter) => void): unknown[] {
	const writer = open(fresh());
	action(writer);
	writer.close();
	return decode(writer.path);
}

function steps(path: string): Array<number | undefined> {
	return decode(path).map((event) => (event as { step?: number }).step);
}

function value(event: unknown): Record<string, unknown> {
	return (event as { summary: { value: Array<Record<string, unknown>> } }).summary.value[0]!;
}

function pluginData(event: unknown): unknown {
	const { plugin_data } = value(event)['metadata'] as { plugin_data: { plugin_name: string; content: Uint8Array } };
	if (plugin_data.plugin_name !== 'hparams') {
		throw new Error(`the plugin is ${plugin_data.plugin_name}`);
	}
	return asObject('HParamsPluginData', plugin_data.content);
}

test('the checksum in this test is the known one', (t) => {
	t.is(slowCrc32c(Buffer.from('123456789')), 0xe3069283);
});
