import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { differences, outcomeOf } from '../../scripts/run-outcome.ts';
import { verifyRun } from '../../src/run/verify.ts';
import { root, type Started, scratch, treeHash } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const plugin = join(root, 'test/fixtures/plugins/chatter.ts');
const config = place.write(
	'small.gin',
	`
import '${plugin}'
train.model = 'mlp'
train.dataset = 'digits'
train.callbacks = ['chatter']
digits.train_limit = 96
mlp.units = [16]
mlp.dropout = 0.2
model_checkpoint.monitor = 'valid/accuracy'
model_checkpoint.every = '2 steps'
csv_logger.steps_every = '1 steps'
training_loop.n_epochs = 3
device.threads = 1
`,
);
const whole = place.run('train', 'whole', config);

// Whether a process can be given another host name: for that of a second machine.
const hasNamespaces = spawnSync('unshare', ['--uts', 'true']).status === 0;

test.serial('of 20 processes on one new folder one trains; of 5 on a killed one as well', async (t) => {
	t.timeout(600_000);
	for (const [race, count] of [
		['first', 20],
		['again', 5],
	] as const) {
		const all = Array.from({ length: count }, () =>
			place.start('train', 'race', config, '-b', 'training_loop.n_epochs=100000'),
		);
		const codes: Array<number | undefined> = [];
		const ended = all.map(async (child) => {
			const { exitCode, stderr } = await child;
			codes.push(exitCode);
			if (exitCode === 3) {
				t.regex(stderr, /race is in use(?: by pid \d+|: another process has just started a run there)/u);
			}
		});
		while (codes.length < count - 1) {
			await sleep(100);
		}
		t.deepEqual(codes, Array(count - 1).fill(3), race);
		const owner = all.find(({ exitCode, signalCode }) => exitCode === null && signalCode === null)!;
		while (!existsSync(place.at('race', 'history.csv'))) {
			await sleep(100);
		}
		owner.kill(race === 'first' ? 'SIGKILL' : 'SIGTERM');
		await Promise.all(ended);
		t.is(codes[count - 1], race === 'first' ? undefined : 143);
		t.deepEqual(verifyRun(place.at('race')).problems, [], race);
	}
});

for (const { what, chaos, signals, take } of [
	{ what: 'after a step', chaos: 'stop@step=3', signals: ['SIGCONT'], take: steal },
	{
		what: 'while it saves, and then asked to end',
		chaos: 'stop@write=215',
		signals: ['SIGTERM', 'SIGCONT'],
		take: steal,
	},
	{
		what: 'for so long that another host takes it for dead',
		chaos: 'stop@step=4',
		signals: ['SIGCONT'],
		take: fromAfar,
	},
] as const) {
	test.serial(`an owner stopped ${what} never writes again`, async (t) => {
		t.timeout(600_000);
		if (take === fromAfar && !hasNamespaces) {
			t.log('skipped: no second host name can be had here');
			t.pass();
			return;
		}
		const name = chaos.replace(/\W/gu, '-');
		const first = place.start('train', name, config, '--chaos', chaos);
		await untilStopped(first);
		const second = await take(name);
		t.is(second.exitCode, 0, second.stderr);
		const before = treeHash(place.at(name));
		for (const signal of signals) {
			first.kill(signal);
		}
		const { exitCode, stderr } = await first;
		t.is(exitCode, 3, stderr);
		t.regex(stderr, /no longer owns the run/u);
		t.is(treeHash(place.at(name)), before);
		t.is((await whole).code, 0);
		t.deepEqual(differences(outcomeOf(place.at('whole')), outcomeOf(place.at(name))), []);
		t.false(readFileSync(place.at(name, 'stderr.txt'), 'utf8').includes('no longer owns'));
	});
}

function steal(name: string) {
	return place.start('train', name, config, '--steal');
}

function fromAfar(name: string) {
	const longAgo = Date.now() / 1000 - 100;
	for (const file of ['HEARTBEAT', 'run.lock']) {
		utimesSync(place.at(name, file), longAgo, longAgo);
	}
	const script = 'hostname elsewhere && exec "$0" "$@"';
	return execa('unshare', ['--uts', 'sh', '-c', script, join(root, 'bin', 'train.ts'), name, config], {
		cwd: place.folder,
		reject: false,
		stdin: 'ignore',
	});
}

async function untilStopped(child: Started): Promise<void> {
	while (!/ T /u.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\)/u, ''))) {
		await sleep(20);
	}
}
