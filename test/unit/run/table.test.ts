import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { EnvironmentError } from '../../../src/core/errors.ts';
import { onDurableStep } from '../../../src/files/atomic.ts';
import { type Cell, Table, toNumber } from '../../../src/run/table.ts';
import { readCells, readRows } from '../../../src/run/table-reading.ts';

test('rows are lines, numbers as short as they can be, nothing is an empty field', (t) => {
	const path = fresh();
	const table = Table.open(path, ['step', 'loss', 'note', 'good']);
	table.append({ step: 1, loss: 0.1, note: 'a, "b"', good: true });
	table.append({ step: 2, loss: Number.NaN, note: null, good: false });
	table.append({ loss: Number.NEGATIVE_INFINITY, step: 1e21 });
	table.append({ step: -0, loss: Number.POSITIVE_INFINITY });
	t.is(readFileSync(path, 'utf8'), 'step,loss,note,good\n1,0.1,"a, ""b""",true\n2,nan,,false\n1e+21,-inf,,\n0,inf,,\n');
	t.is(table.length, 4);
});

test('a column that appears later is blank in earlier rows', (t) => {
	const path = fresh();
	const table = Table.open(path, ['a']);
	table.append({ a: 1 });
	table.append({ b: 2, c: 3 });
	table.append({ a: 4, c: 5 });
	t.is(readFileSync(path, 'utf8'), 'a,b,c\n1,,\n,2,3\n4,,5\n');
	t.deepEqual(table.columns, ['a', 'b', 'c']);
});

test('reopened, it goes on; with fewer rows to keep, the later ones go', (t) => {
	const path = fresh();
	const first = Table.open(path, ['a']);
	first.append({ a: 1 });
	first.append({ a: 2 });
	const second = Table.open(path, ['a', 'z']);
	second.append({ a: 3, z: 9 });
	t.is(readFileSync(path, 'utf8'), 'a,z\n1,\n2,\n3,9\n');
	const third = Table.open(path, [], 1);
	t.is(third.length, 1);
	third.append({ a: 4 });
	t.is(readFileSync(path, 'utf8'), 'a,z\n1,\n4,\n');
	t.throws(() => Table.open(path, [], 3), { code: 'table.short', message: /2 whole rows; 3 were written/u });
});

test('opening a whole table does not touch the file', (t) => {
	const path = fresh();
	Table.open(path, ['a']).append({ a: 1 });
	const end = onDurableStep(() => t.fail());
	Table.open(path, ['a']);
	end();
	t.pass();
});

test('whatever is appended is read back', (t) => {
	const cell: fc.Arbitrary<Cell> = fc.oneof(
		fc.double(),
		fc.integer(),
		fc.boolean(),
		fc.constant(null),
		fc.string(),
		fc.constantFrom('a,b', 'say "x"', 'two\nlines', ' spaces ', '\r', 'größe', '"', 'nan', '\n'),
	);
	const row = fc.dictionary(fc.constantFrom('a', 'train/loss', 'b,c', 'z'), cell);
	fc.assert(
		fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
			const path = fresh();
			const table = Table.open(path, ['a']);
			for (const one of rows) {
				table.append(one);
			}
			t.is(table.length, rows.length);
			const read = readRows(path);
			t.is(read.length, rows.length);
			rows.forEach((one, i) => {
				t.deepEqual(read[i], shown(one));
			});
			t.is(Table.open(path, []).length, rows.length);
		}),
	);
});

test('numbers come back exactly', (t) => {
	fc.assert(
		fc.property(fc.double(), (value) => {
			const path = fresh();
			Table.open(path, ['x']).append({ x: value });
			t.is(toNumber(readRows(path)[0]?.['x']), value === 0 ? 0 : value);
		}),
	);
	t.is(toNumber('abc'), undefined);
	t.is(toNumber(''), undefined);
	t.is(toNumber(undefined), undefined);
});

test('a file torn at any byte is readable, and repaired when opened', (t) => {
	const path = fresh();
	const table = Table.open(path, ['a', 'b']);
	const ends = [readFileSync(path).length];
	for (const b of ['plain', 'two\nlines', 'q"u\n\no"te', 'größe']) {
		table.append({ a: ends.length, b });
		ends.push(readFileSync(path).length);
	}
	const content = readFileSync(path);
	for (let size = ends[0]!; size <= content.length; size += 1) {
		const whole = ends.filter((end) => end <= size).length - 1;
		writeFileSync(path, content.subarray(0, size));
		t.is(readCells(path).rows.length, whole, `read at ${size}`);
		const repaired = Table.open(path);
		t.is(repaired.length, whole, `opened at ${size}`);
		repaired.append({ a: 'next' });
		t.deepEqual(readRows(path).at(-1), { a: 'next' });
		t.is(readRows(path).length, whole + 1);
	}
});

test('a damaged line in the middle is an error that names the file, not a row less', (t) => {
	const path = fresh();
	Table.open(path, ['a', 'b']).append({ a: 1, b: 2 });
	appendFileSync(path, '3\n4,5\n');
	t.throws(() => Table.open(path), { code: 'table.damaged', message: new RegExp(`${path}.*row 2`, 'u') });
	writeFileSync(path, 'a,b\n1,2,3\n4,5\n');
	t.throws(() => readCells(path), { code: 'table.damaged' });
});

test.serial('a row that cannot be written leaves the table whole, and the next one fits', (t) => {
	const path = fresh();
	const table = Table.open(path, ['a']);
	table.append({ a: 1 });
	const end = onDurableStep(({ data }) => {
		// A part of the line reaches the file before the disk is full.
		appendFileSync(path, Buffer.from(data!).subarray(0, 2));
		throw Object.assign(new Error('full'), { code: 'ENOSPC' });
	});
	t.throws(() => table.append({ a: 22_222 }), { instanceOf: EnvironmentError });
	end();
	t.is(table.length, 1);
	table.append({ a: 3 });
	t.is(readFileSync(path, 'utf8'), 'a\n1\n3\n');
});

test('a table that somebody removes, replaces or changes is noticed at the next row, and its rows are not lost', async (t) => {
	const path = fresh();
	const table = Table.open(path, ['a']);
	table.append({ a: 1 });
	rmSync(path);
	t.throws(() => table.append({ a: 2 }), { code: 'table.gone', instanceOf: EnvironmentError, message: /was removed/u });
	t.is(readFileSync(path, 'utf8'), 'a\n1\n');

	const replaced = Table.open(path);
	rmSync(path);
	writeFileSync(path, 'mine');
	await t.throwsAsync(replaced.sync(), { code: 'table.gone', message: /was replaced/u });
	t.is(readFileSync(path, 'utf8'), 'mine');
	t.is(readFileSync(`${path}.own`, 'utf8'), 'a\n1\n');

	const changed = Table.open(`${path}.own`);
	appendFileSync(`${path}.own`, '2\n');
	t.throws(() => changed.append({ a: 2 }), {
		code: 'table.changed',
		message: /has 6 bytes, and the run has written 4/u,
	});
});

test('names of prototypes are columns like others', (t) => {
	const path = fresh();
	const table = Table.open(path, ['constructor', 'a']);
	table.append({ a: 1 });
	table.append(JSON.parse('{"__proto__":2,"toString":3}'));
	t.is(readFileSync(path, 'utf8'), 'constructor,a,__proto__,toString\n,1,,\n,,2,3\n');
	t.deepEqual(Object.entries(readRows(path)[1]!), [
		['__proto__', '2'],
		['toString', '3'],
	]);
});

test('security L4: rows longer than what is read at once, with quotes or without', (t) => {
	const path = fresh();
	const table = Table.open(path, ['a', 'b']);
	const long = 'x'.repeat(700_000);
	for (const b of [long, `${long}\n"${long}`, 'short']) {
		table.append({ a: 1, b });
	}
	table.append({ c: 1 });
	t.deepEqual(
		readCells(path).rows.map(([, b]) => b!.length),
		[700_000, 1_400_002, 5, 0],
	);
	appendFileSync(path, `"${'y\n'.repeat(9_000_000)}`);
	t.is(readCells(path, 4).rows.length, 4);
	t.throws(() => readCells(path), { code: 'table.damaged', message: /no row ends within 16777216 bytes/u });
});

test.serial('rows and syncs are durable steps; a new column is an atomic rewrite', async (t) => {
	const path = fresh();
	const table = Table.open(path, ['a']);
	const seen: string[] = [];
	const end = onDurableStep(({ kind }) => seen.push(kind));
	table.append({ a: 1 });
	await table.sync();
	table.append({ b: 1 });
	end();
	t.deepEqual(seen, ['write', 'fsync', 'write', 'fsync', 'rename', 'fsync-folder', 'write']);
});

function fresh(): string {
	return join(mkdtempSync(join(tmpdir(), 'gimlet-table-')), 'history.csv');
}

function shown(row: Readonly<Record<string, Cell>>): Record<string, string> {
	const cells = Object.entries(row).filter(([, cell]) => cell !== null && cell !== undefined && cell !== '');
	return Object.fromEntries(cells.map(([column, cell]) => [column, text(cell!)]));
}

function text(cell: NonNullable<Cell>): string {
	const special = new Map<Cell, string>([
		[Number.NaN, 'nan'],
		[Number.POSITIVE_INFINITY, 'inf'],
		[Number.NEGATIVE_INFINITY, '-inf'],
	]);
	return special.get(cell) ?? String(cell);
}

test('what comes after the rows to keep may be anything', (t) => {
	for (const garbage of ['1,2,3,4\n', '"open\n', '\0\0\0\n9\n', Buffer.from([0x31, 0x2c, 0xc3])]) {
		const path = join(mkdtempSync(join(tmpdir(), 'gimlet-table-')), 'a.csv');
		writeFileSync(path, 'a,b\n1,2\n3,4\n');
		appendFileSync(path, garbage);
		t.is(Table.open(path, [], 2).length, 2);
		t.is(readFileSync(path, 'utf8'), 'a,b\n1,2\n3,4\n');
	}
});
