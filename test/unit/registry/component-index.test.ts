import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type ComponentIndex, componentIndex } from '../../../src/registry/component-index.ts';
import { catalog } from './zoo.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-index-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function project(name: string): {
	root: string;
	source: string;
	built: () => number;
	index: () => Promise<ComponentIndex>;
} {
	const root = join(folder, name);
	const source = join(root, 'src');
	mkdirSync(join(source, 'models'), { recursive: true });
	writeFileSync(join(source, 'models', 'a.ts'), 'export {};\n');
	let count = 0;
	const build = async (): Promise<ComponentIndex> => {
		count++;
		return {
			kinds: [{ name: 'net', folder: 'nets', description: 'A network.' }],
			components: catalog().all(),
			constants: [],
		};
	};
	return { root, source, built: () => count, index: () => componentIndex(root, source, build) };
}

test('the second time nothing is built, and it says the same', async (t) => {
	const { built, index } = project('twice');
	const first = await index();
	const second = await index();
	t.is(built(), 1);
	t.deepEqual(second.components, JSON.parse(JSON.stringify(first.components)));
});

test('a changed, a new and a removed source file are noticed', async (t) => {
	const { source, built, index } = project('changes');
	await index();
	utimesSync(join(source, 'models', 'a.ts'), 1, 1);
	await index();
	t.is(built(), 2);
	writeFileSync(join(source, 'models', 'b.ts'), '');
	await index();
	t.is(built(), 3);
	rmSync(join(source, 'models', 'b.ts'));
	await index();
	t.is(built(), 4);
});

test('a damaged or deleted index is made again', async (t) => {
	const { root, built, index } = project('damage');
	await index();
	writeFileSync(join(root, '.cache', 'components.json'), '{"version": 1,');
	await index();
	t.is(built(), 2);
	rmSync(join(root, '.cache'), { recursive: true });
	await index();
	t.is(built(), 3);
	t.true(existsSync(join(root, '.cache', 'components.json')));
});

test('many at once leave one whole index and no temporary files', async (t) => {
	const { root, index } = project('race');
	const all = await Promise.all(Array.from({ length: 8 }, index));
	t.true(all.every(({ components }) => components.length === all[0]!.components.length));
	t.deepEqual(readdirSync(join(root, '.cache')), ['components.json']);
});

test('a place that cannot be written to is no error', async (t) => {
	const { root, index } = project('read-only');
	writeFileSync(join(root, '.cache'), 'a file where the folder should be');
	t.is((await index()).kinds.length, 1);
});
