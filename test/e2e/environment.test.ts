import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const door = (name: string) => `'${join(root, 'bin', name)}'`;

for (const [what, script, says] of [
	[
		'a Node that is too old',
		`PATH='${place.folder}/old':$PATH ${door('list.ts')}`,
		/needs Node\.js 20\.20 .*v18\.19\.1/u,
	],
	[
		'a Node that does not run',
		`PATH='${place.folder}/none':$PATH ${door('list.ts')}`,
		/needs Node\.js .*none that runs/u,
	],
	['few open files', `ulimit -n 40; ${door('train.ts')} x ${root}/configs/mlp.gin`, /too many open files/u],
	['hardly any open files', `ulimit -n 12; ${door('runs.ts')} list .`, /more open files .*12/u],
	[
		'a working directory that is gone',
		`cd gone && rmdir ../gone && ${door('runs.ts')} list`,
		/working directory does not/u,
	],
	['a full disk for stdout', `${door('runs.ts')} list '${root}/results' >/dev/full`, /stdout: the disk is full/u],
	['a full disk for stderr', `${door('runs.ts')} list '${root}/results' 2>/dev/full`, /^$/u],
] as const) {
	test.serial(`${what} is exit code 4, with a sentence`, async (t) => {
		mkdirSync(place.at('gone'), { recursive: true });
		const { exitCode, stderr } = await execa('bash', ['-c', script], { cwd: place.folder, reject: false });
		t.is(exitCode, 4, stderr);
		t.regex(stderr, says);
		t.notRegex(stderr, /\bat \S+ \(|unexpected/u);
	});
}

test.before(() => {
	for (const [folder, text] of [
		['old', '#!/bin/sh\necho v18.19.1\n'],
		['none', '#!/bin/sh\nexit 127\n'],
	] as const) {
		mkdirSync(place.at(folder));
		chmodSync(place.write(`${folder}/node`, text), 0o755);
	}
});
