import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { codeOfRun } from '../../../src/commands/training/code-places.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-places-')));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('git is asked for the repository of a config that was typed, not of one in a run folder or of a record (security N6)', async (t) => {
	for (const name of ['mine', 'run']) {
		mkdirSync(join(folder, name, '.git'), { recursive: true });
		writeFileSync(join(folder, name, 'config.gin'), '');
		writeFileSync(join(folder, name, 'net.ts'), '');
	}
	writeFileSync(join(folder, 'run/status.json'), '');
	const held = async (place: string, isFromRecord: boolean) => {
		const files = [{ via: 'root', path: join(folder, place, 'config.gin') }];
		const config = { merged: { files }, plugins: [{ path: join(folder, place, 'net.ts') }] };
		const states = await codeOfRun(config as never, isFromRecord);
		return states.filter(({ state }) => state.root === join(folder, place)).flatMap(({ state }) => state.holds);
	};
	t.deepEqual(await held('mine', false), ['configs', 'plug-ins']);
	t.deepEqual(await held('mine', true), ['plug-ins']);
	t.deepEqual(await held('run', false), []);
});
