import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { copyTree } from '../../../src/sync/copy.ts';
import { parseDestination } from '../../../src/sync/destination.ts';
import { isExcluded, usualExclusions } from '../../../src/sync/exclusions.ts';
import { madeFolder } from '../../fixtures/runs.ts';

test('patterns name things anywhere, or from the top', (t) => {
	for (const path of ['.git/config', 'a/node_modules/b.js', 'data/mnist', 'results', 'x/y.tmp']) {
		t.true(isExcluded(path, usualExclusions), path);
	}
	for (const path of ['src/data/cifar.ts', 'src/results/a.ts', 'git', '.github/x', 'y.tmpl', 'node_modules2']) {
		t.false(isExcluded(path, usualExclusions), path);
	}
	t.true(isExcluded('a/b.c', ['*.c']));
	t.false(isExcluded('a/bxc', ['b.c']));
});

test('copying: only what changed, removing only on request, excluded files of the target stay', (t) => {
	const { folder, remove } = madeFolder();
	t.teardown(remove);
	const [source, target] = [join(folder, 'a'), join(folder, 'b')];
	const write = (path: string, text: string) => {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	};
	write(join(source, 'x/one'), '1');
	write(join(source, 'two'), '2');
	write(join(source, 'skip.tmp'), '');
	symlinkSync('two', join(source, 'link'));
	const options = { exclude: ['*.tmp'], isDeleting: false, isDryRun: false };
	t.deepEqual(copyTree(source, target, { ...options, isDryRun: true }), ['+ link', '+ two', '+ x/one']);
	t.false(existsSync(target));
	t.is(copyTree(source, target, options).length, 3);
	t.deepEqual(copyTree(source, target, options), []);
	t.is(readlinkSync(join(target, 'link')), 'two');
	write(join(target, 'own'), '');
	write(join(target, 'own.tmp'), '');
	write(join(source, 'two'), 'changed');
	t.deepEqual(copyTree(source, target, options), ['+ two']);
	t.deepEqual(copyTree(source, target, { ...options, isDeleting: true }), ['- own']);
	t.is(readFileSync(join(target, 'two'), 'utf8'), 'changed');
	t.true(existsSync(join(target, 'own.tmp')));
});

test('destinations', (t) => {
	t.deepEqual(parseDestination('me@node7:work/gimlet', '/src'), {
		shown: 'me@node7:work/gimlet',
		host: 'me@node7',
		path: 'work/gimlet',
	});
	t.is(parseDestination('./a:b', '/src').host, undefined);
	t.is(parseDestination('/tmp/x', '/src').host, undefined);
	for (const wrong of ['/src', '/src/inside', '/', '', '-e']) {
		t.throws(() => parseDestination(wrong, '/src'), { message: /no destination|not a place/u }, wrong);
	}
});
