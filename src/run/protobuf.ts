/** A field of value `number`, as protobuf's type `double`. */
export function double(field: number, value: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeDoubleLE(value);
	return Buffer.concat([key(field, 1), bytes]);
}

/** As protobuf's type `float`. */
export function float(field: number, value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeFloatLE(value);
	return Buffer.concat([key(field, 5), bytes]);
}

/** As `int32`, `int64`, `bool` or an enumeration; whole, 0 … 2⁵³−1. */
export function integer(field: number, value: number): Buffer {
	return Buffer.concat([key(field, 0), varint(value)]);
}

/** As `bytes`, or an embedded message already encoded. */
export function bytes(field: number, value: Uint8Array): Buffer {
	return Buffer.concat([key(field, 2), varint(value.length), value]);
}

/** As `string`. */
export function string(field: number, value: string): Buffer {
	return bytes(field, Buffer.from(value));
}

/** An embedded message made of fields. */
export function message(field: number, ...fields: readonly Uint8Array[]): Buffer {
	return bytes(field, Buffer.concat(fields));
}

/** As `repeated double`, packed. */
export function doubles(field: number, values: ArrayLike<number>): Buffer {
	const data = Buffer.alloc(values.length * 8);
	for (let i = 0; i < values.length; i += 1) {
		data.writeDoubleLE(values[i]!, i * 8);
	}
	return bytes(field, data);
}

function key(field: number, wireType: 0 | 1 | 2 | 5): Buffer {
	return varint(field * 8 + wireType);
}

// Seven bits to a byte, low ones first; arithmetic instead of shifts because values may exceed 32 bits.
function varint(value: number): Buffer {
	if (!Number.isSafeInteger(value) || value < 0) {
		throw new RangeError(`A protobuf integer here is whole and 0 or more; this one is ${value}.`);
	}
	const out: number[] = [];
	let rest = value;
	while (rest >= 0x80) {
		out.push((rest % 0x80) + 0x80);
		rest = Math.floor(rest / 0x80);
	}
	out.push(rest);
	return Buffer.from(out);
}
