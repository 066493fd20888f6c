import { createHash } from 'node:crypto';

/**
 * The records of a TensorBoard event file as `step tag digest of the value`, without anything that depends on the clock:
 * wall times, columns named `time/…`, and the times at which sessions began and ended.
 */
export function eventContent(file: Buffer): string[] {
	const lines: string[] = [];
	for (let at = 0; at < file.length; ) {
		const length = Number(file.readBigUInt64LE(at));
		lines.push(...eventLines(file.subarray(at + 12, at + 12 + length)));
		at += length + 16;
	}
	return lines;
}

// Event: step 2, file_version 3, summary 5. Summary: value 1. Value: tag 1.
function eventLines(data: Buffer): string[] {
	const event = fieldsOf(data);
	const step = event.find(({ number }) => number === 2)?.value.toString('hex') ?? '00';
	const version = event.filter(({ number }) => number === 3).map(({ value }) => `${step} ${value}`);
	const values = event.filter(({ number }) => number === 5).flatMap(({ value }) => fieldsOf(value));
	return [...version, ...values.map(({ value }) => `${step} ${valueLine(value)}`)];
}

function valueLine(value: Buffer): string {
	const tag = fieldsOf(value)
		.find(({ number }) => number === 1)
		?.value.toString();
	const isTimed = tag?.startsWith('time/') || tag?.startsWith('_hparams_/session_');
	return `${tag} ${isTimed ? '' : createHash('sha256').update(value).digest('hex')}`;
}

interface Field {
	readonly number: number;
	readonly value: Buffer;
}

function fieldsOf(data: Buffer): Field[] {
	const fields: Field[] = [];
	let at = 0;
	const varint = () => {
		let value = 0;
		for (let scale = 1; ; scale *= 128) {
			const byte = data[at++]!;
			value += (byte & 127) * scale;
			if (byte < 128) {
				return value;
			}
		}
	};
	while (at < data.length) {
		const key = varint();
		const type = key % 8;
		let start = at;
		if (type === 0) {
			varint();
		} else if (type === 2) {
			const length = varint();
			start = at;
			at += length;
		} else {
			at += type === 1 ? 8 : 4;
		}
		fields.push({ number: Math.floor(key / 8), value: data.subarray(start, at) });
	}
	return fields;
}
