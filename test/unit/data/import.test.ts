import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { GimletError } from '../../../src/core/errors.ts';
import { sha256 } from '../../../src/data/digest.ts';
import type { RequiredFile } from '../../../src/data/files.ts';
import { prepareFiles } from '../../../src/data/prepare.ts';
import { tar } from '../../fixtures/data/tar.ts';

const images = Buffer.from('the images');
const labels = Buffer.from('the labels');
const wanted = [
	['train-images-idx3-ubyte', images],
	['train-labels-idx1-ubyte', labels],
] as const;
const files = wanted.map(([name, content]) => ({
	name,
	sha256: sha256(content),
	bytes: content.length,
	mirrors: [`https://example.org/${name}.gz`],
}));

function place(contents: Readonly<Record<string, Uint8Array>>) {
	const dir = mkdtempSync(join(tmpdir(), 'gimlet-import-'));
	for (const [name, content] of Object.entries(contents)) {
		mkdirSync(dirname(join(dir, 'from', name)), { recursive: true });
		writeFileSync(join(dir, 'from', name), content);
	}
	return {
		at: (name = '') => join(dir, 'from', name),
		take: (from: string, required: readonly RequiredFile[] = files) =>
			prepareFiles('set', join(dir, 'data'), required, { from }),
		taken: () => {
			const folder = join(dir, 'data', 'set');
			return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
		},
	};
}

const both = wanted.map(([name, content]) => [name, content.toString()]);
const archive = tar({
	'some/folder/train-images-idx3-ubyte': images,
	'some/train-labels-idx1-ubyte.gz': gzipSync(labels),
});

const forms: readonly [string, Readonly<Record<string, Uint8Array>>, string][] = [
	['a folder of plain files', { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels }, ''],
	[
		'a folder of folders, one packed, one named with a dot',
		{ 'a/b/train-images.idx3-ubyte': images, 'c/train-labels-idx1-ubyte.gz': gzipSync(labels) },
		'',
	],
	['a tar archive', { 'x.tar': archive }, 'x.tar'],
	['a tar archive packed with gzip', { 'x.tar.gz': gzipSync(archive) }, 'x.tar.gz'],
];

for (const [what, contents, from] of forms) {
	test(`files are taken from ${what}, verified and stored plain`, async (t) => {
		const { at, take, taken } = place(contents);
		t.true(await take(at(from)));
		t.deepEqual(taken(), both);
		t.false(await take(at(from)));
	});
}

for (const [what, content] of [
	['plain', images],
	['packed', gzipSync(images)],
] as const) {
	test(`a lone file of any name, ${what}, is known by its content`, async (t) => {
		const { at, take, taken } = place({ download: content });
		await take(at('download'), files.slice(0, 1));
		t.deepEqual(taken(), both.slice(0, 1));
	});
}

test('what is there already needs no second source', async (t) => {
	const { at, take, taken } = place({ one: images, two: labels });
	await t.throwsAsync(take(at('one')), { message: /train-labels-idx1-ubyte: .*one has another sha256/ });
	await take(at('two'));
	t.deepEqual(taken(), both);
});

async function refusal(
	contents: Readonly<Record<string, Uint8Array>>,
	from = '',
	required: readonly RequiredFile[] = files,
) {
	const { at, take } = place({ 'something else': Buffer.from('x'), ...contents });
	try {
		await take(at(from), required);
	} catch (error) {
		return error as GimletError;
	}
	throw new Error('it was taken');
}

test('a wrong file, a missing one: each named, with what is wanted and how to give it', async (t) => {
	const error = await refusal({ 'train-images-idx3-ubyte': labels });
	t.is(error.exitCode, 4);
	t.regex(error.message, /train-images-idx3-ubyte: .*from.train-images-idx3-ubyte has another sha256 than/);
	t.regex(error.message, /train-labels-idx1-ubyte: not found/);
	for (const { name, sha256, bytes, mirrors } of files) {
		t.true(error.message.includes(`${name} (${bytes} bytes, sha256 ${sha256})`));
		t.true(error.message.includes(mirrors[0]!));
	}
	t.regex(error.message, /bin\/prepare\.ts set --from FOLDER/);
});

test('a damaged gzip file or archive is another file', async (t) => {
	const cut = gzipSync(images).subarray(0, -6);
	t.regex((await refusal({ 'train-images-idx3-ubyte.gz': cut })).message, /idx3-ubyte\.gz has another sha256/);
	t.regex((await refusal({ 'x.tar.gz': gzipSync(archive).subarray(0, 60) }, 'x.tar.gz')).message, /another sha256/);
});

test('a path that does not exist is a matter of the command line', async (t) => {
	const error = await refusal({}, 'nowhere');
	t.is(error.exitCode, 2);
	t.regex(error.message, /--from .*nowhere: there is no such file or folder/);
});

test('files out of an archive that is verified as a whole are refused, with the reason', async (t) => {
	const packed = gzipSync(archive);
	const whole = [{ name: 'set.tar.gz', sha256: sha256(packed), bytes: packed.length, mirrors: [] }];
	const error = await refusal({ 'train-images-idx3-ubyte': images }, '', whole);
	t.regex(error.message, /not found\. Only the packed archive .* give the archive as it was published/);
	const { at, take, taken } = place({ renamed: packed });
	await take(at('renamed'), whole);
	t.is(taken()[0]![0], 'set.tar.gz');
});

test('security L7: what is packed into little and would be much is not unpacked', async (t) => {
	const bomb = gzipSync(Buffer.alloc(200_000_000));
	t.true(bomb.length < 300_000);
	const { rss } = process.memoryUsage();
	for (const [name, from] of [
		['train-images-idx3-ubyte.gz', ''],
		['x.tar.gz', 'x.tar.gz'],
	] as const) {
		t.regex((await refusal({ [name]: bomb }, from)).message, /another sha256/);
	}
	t.true(process.memoryUsage().rss - rss < 150_000_000);
});

test('links that lead round and round are followed once; pipes and devices are not read', async (t) => {
	const { at, take, taken } = place({ 'a/train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels });
	for (let i = 0; i < 30; i++) {
		symlinkSync('.', at(`link${i}`));
	}
	symlinkSync('itself', at('itself'));
	symlinkSync('/dev/zero', at('zero'));
	execFileSync('mkfifo', [at('train-images-idx3-ubyte'), at('pipe')]);
	await t.throwsAsync(take(at('pipe')), { message: /pipe: it is neither a regular file nor a folder/ });
	await take(at());
	t.deepEqual(taken(), both);
});

test('security L7: a file far larger than what is wanted is refused unread', async (t) => {
	const { at, take } = place({ huge: images });
	truncateSync(at('huge'), 2 ** 40);
	await t.throwsAsync(take(at('huge')), { message: /huge: it has 1099511627776 bytes; what is wanted/ });
	await t.throwsAsync(take(at()), { message: /not found|another sha256/ });
});
