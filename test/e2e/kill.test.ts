import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeCases } from '../../scripts/kill-cases.ts';
import { proveKills } from '../../scripts/kill-fuzz.ts';
import { provePower } from '../../scripts/power-proof.ts';

const folder = mkdtempSync(join(tmpdir(), 'gimlet-faults-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let writes = 300;

test.serial('whatever a power cut leaves verifies and resumes', async (t) => {
	t.timeout(600_000);
	const [first] = writeCases(join(folder, 'configs'), 64, 2);
	const report = await provePower({ folder: join(folder, 'power'), case: first!, resumes: 3, parallel: 3 });
	t.deepEqual(report.problems, []);
	t.true(report.disks > 50);
	t.is(report.equal, 3);
	writes = report.prefixes;
});

test.serial('killed 20 times, runs end as if nothing had happened', async (t) => {
	t.timeout(600_000);
	const kills = join(folder, 'kills');
	const report = await proveKills({ folder: kills, kills: 20, seed: 11, examples: 64, epochs: 2, writes, parallel: 3 });
	t.deepEqual(report.problems, []);
	t.true(report.kills >= 20);
	t.is(report.equal, report.runs);
});
