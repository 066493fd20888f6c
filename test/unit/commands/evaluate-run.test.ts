import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { evaluate } from '../../../src/commands/evaluate.ts';
import { run } from '../../../src/commands/main.ts';

const fixture = fileURLToPath(new URL('../../fixtures/run-v1', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'gimlet-evaluate-'));
chmodSync(place, 0o755);
test.after.always(() => rmSync(place, { recursive: true, force: true }));

test.serial('what a killed evaluation has left goes with the next one', async (t) => {
	const folder = copy('killed');
	const { pid } = spawnSync('true');
	const left = join(folder, 'eval', `.valid@best.json.${pid}.0123abcd.tmp`);
	writeFileSync(left, '{');
	const { code, out, err } = await outcome([folder, '--split', 'valid']);
	t.is(code, 0, err);
	t.regex(out, /valid\/loss +\d/u);
	t.false(existsSync(left));
	t.true(readdirSync(join(folder, 'eval')).some((name) => /^valid@best.*\.json$/u.test(name)));
});

test.serial(
	'a run that may only be read is evaluated: its figures are printed, and why they are not kept',
	async (t) => {
		const folder = copy('readable');
		const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
		for (const name of ['.', ...names]) {
			chmodSync(join(folder, name), name.includes('.') && name !== '.' ? 0o444 : 0o555);
		}
		const isRoot = process.geteuid?.() === 0;
		if (isRoot) {
			process.seteuid?.(65_534);
		}
		try {
			const { code, out, err } = await outcome([folder, '--split', 'valid']);
			t.is(code, 0, err);
			t.regex(out, /valid\/loss +\d/u);
			t.regex(err, /^not written: .*readable\/eval/mu);
		} finally {
			if (isRoot) {
				process.seteuid?.(0);
			}
			['.', ...names].forEach((name) => void chmodSync(join(folder, name), 0o755));
		}
		t.deepEqual(readdirSync(folder, { recursive: true, encoding: 'utf8' }), names);
	},
);

function copy(name: string): string {
	const folder = join(place, name);
	cpSync(fixture, folder, { recursive: true, verbatimSymlinks: true });
	return folder;
}

async function outcome(args: readonly string[]) {
	const texts = { out: '', err: '' };
	const output = (name: 'out' | 'err') => ({
		write: (text: string | Uint8Array) => {
			texts[name] += String(text);
		},
	});
	const code = await run(evaluate, args, { stdout: output('out'), stderr: output('err'), exitCode: 0 });
	return { code, ...texts };
}
