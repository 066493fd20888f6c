import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { declareFunction } from '../../../src/registry/decorators.ts';
import { componentFiles, importFiles } from '../../../src/registry/discover.ts';
import { functionKind } from '../../../src/registry/kinds.ts';
import { declared } from '../../../src/registry/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-discover-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('component files are the code of the named folders, sorted, without tests', (t) => {
	mkdirSync(join(folder, 'nets', 'inner'), { recursive: true });
	for (const name of ['b.ts', 'a.ts', 'a.test.ts', 'types.d.ts', 'c.js', 'notes.md']) {
		writeFileSync(join(folder, 'nets', name), '');
	}
	t.deepEqual(
		componentFiles(folder, ['nets', 'absent']).map((path) => basename(path)),
		['a.ts', 'b.ts', 'c.js'],
	);
});

test('a component file that throws is named', async (t) => {
	const path = join(folder, 'broken.mjs');
	writeFileSync(path, "throw new Error('no luck');\n");
	await t.throwsAsync(importFiles([path]), { message: `${path} failed to load: no luck` });
});

test('a second component of a name is an error that shows both files', (t) => {
	declareFunction(functionKind, 'twice_declared', z.object({}), () => 1);
	const error = t.throws(() => declareFunction(functionKind, 'twice_declared', z.object({}), () => 2));
	t.regex(error.message, /"twice_declared" is declared twice: .*discover\.test\.ts and .*discover\.test\.ts/u);
	t.is(declared.get('twice_declared').kind, functionKind);
	t.throws(() => declared.get('twice_declare'), { message: /Did you mean "twice_declared"/u });
	t.throws(() => declareFunction(functionKind, 'kebab-case', z.object({}), () => 3), { message: /cannot name/u });
});
