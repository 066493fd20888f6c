import type { Histogram } from './histogram.ts';
import { encodePng, type Pixels } from './png.ts';
import * as field from './protobuf.ts';

/** A hyper-parameter as TensorBoard's table of them takes it. */
export type HyperParameter = number | string | boolean;

/** How a session ended, for TensorBoard's table of hyper-parameters. */
export type SessionEnd = 'success' | 'failure' | 'running';

// The numbers are those of TensorBoard's schemas: event.proto, summary.proto, tensor.proto and, for hyper-parameters,
// api.proto and plugin_data.proto of its plugin.

/** A message `Event` that holds `what`. `wallTime` in seconds since 1970. */
export function event(wallTime: number, step: number, what: Uint8Array): Buffer {
	return Buffer.concat([field.double(1, wallTime), field.integer(2, step), what]);
}

/** The first record of every event file. */
export function fileVersion(): Buffer {
	return field.string(3, 'brain.Event:2');
}

/** A summary of one scalar. */
export function scalar(tag: string, value: number): Buffer {
	return summary(field.string(1, tag), field.float(2, value));
}

/** A summary of how values are spread. */
export function histogram(tag: string, { min, max, num, sum, sumSquares, limits, counts }: Histogram): Buffer {
	const numbers = [min, max, num, sum, sumSquares].map((value, i) => field.double(i + 1, value));
	return summary(
		field.string(1, tag),
		field.message(5, ...numbers, field.doubles(6, limits), field.doubles(7, counts)),
	);
}

/** A summary of one image, stored as PNG. */
export function image(tag: string, pixels: Pixels): Buffer {
	return summary(
		field.string(1, tag),
		field.message(
			4,
			field.integer(1, pixels.height),
			field.integer(2, pixels.width),
			field.integer(3, pixels.channels),
			field.bytes(4, encodePng(pixels)),
		),
	);
}

/** A summary of a text, which TensorBoard shows as Markdown. */
export function text(tag: string, content: string): Buffer {
	const tensor = field.message(8, field.integer(1, dtString), field.message(2), field.string(8, content));
	return summary(field.string(1, tag), tensor, metadata('text', new Uint8Array(0)));
}

/** The columns of the table of hyper-parameters: what the sessions of this experiment have, and which tags they report. */
export function experiment(
	hyperParameters: Readonly<Record<string, HyperParameter>>,
	metricTags: readonly string[],
): Buffer {
	const infos = Object.entries(hyperParameters).map(([name, value]) =>
		field.message(4, field.string(1, name), field.integer(4, dataTypes[typeof value as keyof typeof dataTypes])),
	);
	const metrics = metricTags.map((tag) => field.message(5, field.message(1, field.string(2, tag))));
	return hparams('experiment', field.message(2, ...infos, ...metrics));
}

/** The values of one session's hyper-parameters, and when it started. */
export function sessionStart(hyperParameters: Readonly<Record<string, HyperParameter>>, started: number): Buffer {
	const values = Object.entries(hyperParameters).map(([name, value]) =>
		field.message(1, field.string(1, name), field.message(2, googleValue(value))),
	);
	return hparams('session_start_info', field.message(3, ...values, field.double(5, started)));
}

/** How and when a session ended. */
export function sessionEnd(status: SessionEnd, ended: number): Buffer {
	return hparams('session_end_info', field.message(4, field.integer(1, statuses[status]), field.double(2, ended)));
}

const dtFloat = 1;
const dtString = 7;
const dataClassTensor = 2;
const dataTypes = { string: 1, boolean: 2, number: 3 } as const;
const statuses = { success: 1, failure: 2, running: 3 } as const;

function summary(...value: readonly Uint8Array[]): Buffer {
	return field.message(5, field.message(1, ...value));
}

function metadata(plugin: string, content: Uint8Array): Buffer {
	const data = field.message(1, field.string(1, plugin), field.bytes(2, content));
	return field.message(9, data, field.integer(4, dataClassTensor));
}

// These carry their content in the metadata; the tensor TensorBoard expects beside it is empty.
function hparams(name: string, data: Uint8Array): Buffer {
	const empty = field.message(8, field.integer(1, dtFloat), field.message(2, field.message(2, field.integer(1, 0))));
	return summary(
		field.string(1, `_hparams_/${name}`),
		empty,
		metadata('hparams', Buffer.concat([field.integer(1, 0), data])),
	);
}

function googleValue(value: HyperParameter): Buffer {
	switch (typeof value) {
		case 'number':
			return field.double(2, value);
		case 'string':
			return field.string(3, value);
		case 'boolean':
			return field.integer(4, value ? 1 : 0);
	}
}
