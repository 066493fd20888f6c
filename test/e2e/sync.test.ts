import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { outcome, scratch, until } from './programs.ts';

const place = scratch();
const { at, run, write } = place;
test.after.always(() => place.remove());
write('code/src/a.ts', 'one');
write('code/node_modules/x/index.js', '');

test.serial('once: a dry run changes nothing, files are removed only on request', async (t) => {
	const dry = await run('sync', 'mirror', '--from', 'code', '--dry-run');
	t.is(dry.code, 0, dry.err);
	t.is(dry.out, '+ src/a.ts');
	t.false(existsSync(at('mirror')));
	t.is((await run('sync', 'mirror', '--from', 'code', '--once')).code, 0);
	t.is(readFileSync(at('mirror/src/a.ts'), 'utf8'), 'one');
	t.false(existsSync(at('mirror/node_modules')));
	write('mirror/src/own.ts', '');
	t.is((await run('sync', 'mirror', '--from', 'code', '--once')).out, '');
	t.is((await run('sync', 'mirror', '--from', 'code', '--once', '--delete')).out, '- src/own.ts');
	t.is((await run('sync', 'code/inside', '--from', 'code', '--once')).code, 2);
});

test.serial('changes are mirrored as they happen', async (t) => {
	const started = place.start('sync', 'mirror', '--from', 'code', '--quiet', '0.1');
	await until(started, /watching/u);
	for (const text of ['two', 'three']) {
		writeFileSync(at('code/src/a.ts'), text);
		await eventually(() => readFileSync(at('mirror/src/a.ts'), 'utf8') === text);
	}
	mkdirSync(at('code/src/new'));
	write('code/src/new/b.ts', 'b');
	await eventually(() => existsSync(at('mirror/src/new/b.ts')));
	rmSync(at('code/src/new/b.ts'));
	await wait(300);
	t.true(existsSync(at('mirror/src/new/b.ts')));
	started.kill('SIGINT');
	t.is((await outcome(started)).code, 0);
});

test.serial('a host that cannot be reached: exit code 4 once, and patience while watching', async (t) => {
	const once = await run('sync', 'nobody@host.invalid:x', '--from', 'code', '--once');
	t.is(once.code, 4);
	const started = place.start('sync', 'nobody@host.invalid:x', '--from', 'code');
	await until(started, /Trying again in 2 s/u);
	started.kill('SIGTERM');
	t.is((await outcome(started)).code, 0);
});

async function eventually(condition: () => boolean): Promise<void> {
	for (let attempt = 0; !condition(); attempt++) {
		if (attempt > 200) {
			throw new Error('It did not happen within ten seconds.');
		}
		await wait(50);
	}
}
