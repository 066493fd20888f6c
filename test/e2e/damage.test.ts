import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { proveDamages } from '../../scripts/damage-proof.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-damage-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

// One of each kind; `npm run prove:disk` takes all of them.
const sample = [
	'state.json with a bit turned',
	'last is leading nowhere',
	'history.csv torn in its last row',
	'steps.csv with zeros and a line',
	'the event file torn in its middle',
];

test('a damaged run goes on from an older checkpoint, to the same end', async (t) => {
	t.timeout(600_000);
	const others = (name: string) => sample.some((start) => name.startsWith(start));
	const report = await proveDamages({ folder, cuts: 1, others });
	t.deepEqual(report.problems, []);
	t.is(report.damages, 1 + sample.length);
	t.is(report.equal, report.damages);
});
