import { constants } from 'node:os';
import test from 'ava';
import { type Program, run } from '../../../src/commands/main.ts';
import { asGimletError } from '../../../src/core/system-errors.ts';

test('what the machine refuses has a sentence and exit code 4, wherever it is met; a defect has 1', async (t) => {
	for (const code of [
		'EMFILE',
		'ENFILE',
		'ENOMEM',
		'ENOTDIR',
		'ENOSPC',
		'EROFS',
		'EIO',
		'ENOENT',
		'EAGAIN',
		'ESTALE',
	]) {
		const { exitCode, text } = await outcome(Object.assign(new Error(code), { code, path: '/some/where' }));
		t.is(exitCode, 4, code);
		t.regex(text, new RegExp(`^probe: /some/where: .{10,} \\(${code}\\)\\.\\n$`, 'u'));
	}
	t.is((await outcome(Object.assign(new Error(), { code: 'ENAMETOOLONG', path: '/a' }))).exitCode, 2);
	t.like(await outcome(new RangeError('Array buffer allocation failed')), { exitCode: 4 });
	t.like(await outcome(Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'uv_cwd' })), {
		exitCode: 4,
		text: 'probe: The working directory: it does not exist (any more) (ENOENT).\n',
	});
	t.like(await outcome(new TypeError('x is not a function')), {
		exitCode: 1,
		text: 'probe: x is not a function (unexpected: DEBUG=1 shows where)\n',
	});
});

test('every answer that a file system can give is known', (t) => {
	const ofFiles =
		'E2BIG EACCES EAGAIN EBUSY EDQUOT EEXIST EFBIG EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENODEV ENOENT ENOEXEC ENOMEM ENOSPC ENOSYS ENOTDIR ENOTEMPTY ENOTSUP ENXIO EOPNOTSUPP EPERM EPIPE EROFS ESTALE ETXTBSY EXDEV';
	for (const code of ofFiles.split(' ')) {
		t.true(code in constants.errno, code);
		t.truthy(asGimletError(Object.assign(new Error(), { code })), code);
	}
});

async function outcome(error: unknown): Promise<{ readonly exitCode: number; readonly text: string }> {
	const program: Program = {
		name: 'probe',
		define: (command) =>
			void command.action(() => {
				throw error;
			}),
	};
	let text = '';
	const stderr = { write: (piece: string | Uint8Array) => (text += piece) };
	return { exitCode: await run(program, [], { stdout: stderr, stderr, exitCode: 0 }), text };
}
