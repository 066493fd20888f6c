import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const folder = join(root, 'configs');
const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
	// Profiles of job lists train nothing; test/e2e/jobs-profiles.test.ts has them.
	.filter((name) => name.endsWith('.gin') && !name.startsWith('device/'))
	.sort();

const needsFiles = ['cnn_full.gin', 'cnn_mnist.gin'];

for (const name of all) {
	const file = join(folder, name);
	test.serial(`${name} is sound`, async (t) => {
		t.deepEqual(await place.run('config', 'check', file), { code: 0, out: '', err: '' });
		const { code, err } = await place.run('train', 'dry', file, '--dry-run');
		if (needsFiles.includes(name)) {
			t.is(code, 4, err);
			t.regex(err, /is not ready in .*bin\/prepare\.ts/su);
		} else {
			t.is(code, 0, err);
			t.regex(err, /everything works; nothing was created\.$/u);
		}
		t.false(readdirSync(place.folder).includes('dry'));
	});
}

test('learning one batch by heart works', async (t) => {
	const { code, err } = await place.run('train', 'overfit', join(folder, 'debug/overfit.gin'));
	t.is(code, 0, err);
	const history = readFileSync(join(place.folder, 'overfit/history.csv'), 'utf8').trimEnd().split('\n');
	const accuracy = history[0]!.split(',').indexOf('train/accuracy');
	t.is(history.at(-1)!.split(',')[accuracy], '1');
});

test('there are configs to check', (t) => {
	for (const name of [
		'cnn.gin',
		'cnn_mnist.gin',
		'cnn_full.gin',
		'mlp.gin',
		'debug/one_batch.gin',
		'debug/overfit.gin',
	]) {
		t.true(all.includes(name), name);
	}
});
