import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const folder = join(root, 'configs');
const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
	.filter((name) => name.endsWith('.gin'))
	.sort();

// A mixin stands after the config to debug; the others stand alone.
const bases = (name: string) => (name.startsWith('debug/') ? ['cnn.gin', 'mlp.gin'] : [undefined]);

const needsFiles = ['cnn_full.gin', 'cnn_mnist.gin'];

for (const name of all) {
	for (const base of bases(name)) {
		const files = [base, name].flatMap((file) => (file === undefined ? [] : [join(folder, file)]));
		const title = [base, name].filter((file) => file !== undefined).join(' + ');
		// The mixin takes out a callback that the config sets up.
		files.push(...(title === 'cnn.gin + debug/overfit.gin' ? ['--allow-unused'] : []));
		test.serial(`${title} is sound`, async (t) => {
			t.deepEqual(await place.run('config', 'check', ...files, '--together'), { code: 0, out: '', err: '' });
			const { code, err } = await place.run('train', 'dry', ...files, '--dry-run');
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
}

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
