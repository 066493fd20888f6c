import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { fuzzFolders } from '../../scripts/folder-fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-hostile-folders-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

// `npm run prove:folders` is the long form.
test.serial('hostile files of a run folder end programs in time, named, with nothing changed outside', async (t) => {
	t.timeout(120_000);
	const { problems, byCode, largest } = await fuzzFolders({ folder, inputs: 25, seed: 3 });
	t.deepEqual(problems, []);
	t.true(byCode.size > 2);
	t.true(largest < 1e9);
});
