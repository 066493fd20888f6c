import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';

const script = fileURLToPath(new URL('../../fixtures/run/captured.ts', import.meta.url));
const command = [process.execPath, '--import=tsx', script];

test.serial(
	'both files hold, in order, what JavaScript, raw descriptors and children wrote; the console too',
	async (t) => {
		const folder = newFolder();
		// The pipes of a Node parent are sockets.
		const { stdout, stderr } = await execa(command[0]!, [...command.slice(1), folder]);
		t.is(stdout, `before\n${text(folder, 'stdout')}after`);
		t.is(stderr, text(folder, 'stderr').trimEnd());
		const lines = text(folder, 'stdout').split('\n');
		t.deepEqual(lines.slice(0, 6), ['log 0', 'raw 0', 'held 0', 'stream 0', 'native 0', 'log 1']);
		t.is(lines.at(-2)?.length, 300_000);
		t.true(text(folder, 'stderr').includes('native error 25\n'));
		t.false(text(folder, 'stderr').includes('not captured'));
	},
);

test.serial('a shell pipe and a shell redirection see everything, before, during and after', async (t) => {
	for (const end of ['| cat > "$OUT/console"', '> "$OUT/console"', '>> "$OUT/console"']) {
		const folder = newFolder();
		await execa('sh', ['-c', `"$@" ${end}`, 'sh', ...command, folder], { env: { OUT: folder } });
		t.is(readFileSync(join(folder, 'console'), 'utf8'), `before\n${text(folder, 'stdout')}after\n`);
	}
});

test.serial('a file that several processes write to, one after the other, keeps what each has written', async (t) => {
	const [first, second, out] = [newFolder(), newFolder(), newFolder()];
	const list = '{ echo begun; "$@" "$A"; echo between; "$@" "$B" 2>&1; echo done; } > "$OUT/console"';
	await execa('sh', ['-c', list, 'sh', ...command], { env: { A: first, B: second, OUT: out } });
	const lines = readFileSync(join(out, 'console'), 'utf8');
	const both = [text(second, 'stdout'), text(second, 'stderr')].flatMap((one) => one.split('\n'));
	t.true(lines.startsWith(`begun\nbefore\n${text(first, 'stdout')}after\nbetween\nbefore\n`));
	t.true(lines.endsWith('after\ndone\n'));
	t.deepEqual(
		both.filter((line) => !lines.includes(line)),
		[],
	);
});

test.serial('the files are complete when the console closes early, and after kill -9', async (t) => {
	const closed = newFolder();
	await execa('sh', ['-c', '"$@" | head -n 1', 'sh', ...command, closed]);
	t.is(text(closed, 'stdout').split('\n').length, 204);
	const killed = newFolder();
	const temporary = newFolder();
	const env = { TMPDIR: temporary };
	await execa(command[0]!, [...command.slice(1), killed, 'kill'], { reject: false, env });
	t.is(text(killed, 'stdout').split('\n').length, 204);
	t.deepEqual(
		readdirSync(temporary).filter((name) => name.startsWith('gimlet-')),
		[],
	);
});

test.serial('killed while its copiers start, it leaves no process and no FIFO behind', async (t) => {
	const [folder, temporary, tools] = [newFolder(), newFolder(), newFolder()];
	// Kills the process that the shell works for as soon as there are FIFOs.
	const script = '#!/bin/sh\n/usr/bin/mkfifo "$@"\nread -r _ _ _ owner _ <"/proc/$PPID/stat"\nkill -9 "$owner"\n';
	writeFileSync(join(tools, 'mkfifo'), script, { mode: 0o755 });
	const env = { TMPDIR: temporary, PATH: `${tools}:${process.env['PATH']}` };
	// Ends when the last process that holds its output does.
	const { signal } = await execa(command[0]!, [...command.slice(1), folder], { reject: false, env, timeout: 60_000 });
	t.is(signal, 'SIGKILL');
	while (readdirSync(temporary).some((name) => name.startsWith('gimlet-'))) {
		await sleep(20);
	}
});

test.serial('Ctrl-C reaches the run but not the copiers', async (t) => {
	const folder = newFolder();
	const child = execa(command[0]!, [...command.slice(1), folder, 'slow'], { detached: true });
	while (!text(folder, 'stdout').includes('ready')) {
		await sleep(20);
	}
	process.kill(-child.pid!, 'SIGINT');
	await child;
	t.true(text(folder, 'stdout').endsWith('ready\ninterrupted\n'));
});

test.serial("what is written once the files are another process' goes to the console alone", async (t) => {
	const folder = newFolder();
	const { stdout, stderr } = await execa(command[0]!, [...command.slice(1), folder, 'lost']);
	t.true(stdout.endsWith('to the console\nafter'));
	t.true(stderr.endsWith('to the console'));
	t.false(text(folder, 'stdout').includes('to the console'));
	t.false(text(folder, 'stderr').includes('to the console'));
});

test.serial('sessions are appended, each after its separator', async (t) => {
	const folder = newFolder();
	await execa(command[0]!, [...command.slice(1), folder, 'kill'], { reject: false });
	await execa(command[0]!, [...command.slice(1), folder], { env: { SESSION: '2' } });
	const whole = readFileSync(join(folder, 'stderr.txt'), 'utf8');
	t.deepEqual(whole.match(/^--- .*$/gmu), ['--- session 1 ---', '--- session 2 ---']);
});

test.serial('without FIFOs what JavaScript writes is still captured, and the file says what is missing', async (t) => {
	const folder = newFolder();
	const { stdout } = await execa(command[0]!, [...command.slice(1), folder], { env: { PATH: '/nowhere' } });
	t.deepEqual(text(folder, 'stdout').split('\n').slice(0, 4), ['log 0', 'held 0', 'stream 0', 'log 1']);
	t.regex(text(folder, 'stderr'), /^--- native output is not captured: .*mkfifo.* ---\n/u);
	t.true(stdout.includes('native 25\n') && stdout.endsWith('after'));
});

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-capture-'));
}

// What was captured, without the separator.
function text(folder: string, stream: 'stdout' | 'stderr'): string {
	try {
		return readFileSync(join(folder, `${stream}.txt`), 'utf8').replace(/^--- session 1 ---\n/u, '');
	} catch {
		return '';
	}
}
