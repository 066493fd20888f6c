/**
 * Kills training at random instants, while it starts, saves and ends, at durable writes, in the middle of writes and at
 * steps, resumes until done, and compares weights, optimizer slots, tables, events and figures byte for byte with an
 * uninterrupted run.
 *
 *   npm run prove:kill -- --kills 200 [--seed 1] [--parallel 2] [--keep]
 *   npm run prove:kill -- --boundaries [--from 1] [--case mlp]   # instead: before each durable write of a run, one after the other
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { proveBoundaries } from './kill-boundaries.ts';
import { proveKills } from './kill-fuzz.ts';

const { values } = parseArgs({
	options: {
		kills: { type: 'string', default: '200' },
		seed: { type: 'string', default: '1' },
		parallel: { type: 'string', default: '2' },
		from: { type: 'string', default: '1' },
		case: { type: 'string', default: 'mlp' },
		boundaries: { type: 'boolean', default: false },
		keep: { type: 'boolean', default: false },
	},
});
const folder = mkdtempSync(join(tmpdir(), 'gimlet-kill-'));
const began = Date.now();
const { kills, byKind, runs, equal, problems } = await (values.boundaries ? proveBoundaries : proveKills)({
	folder,
	more: true,
	kills: Number(values.kills),
	seed: Number(values.seed),
	parallel: Number(values.parallel),
	from: Number(values.from),
	name: values.case,
	say: (text) => void process.stderr.write(`${text}\n`),
});
for (const problem of problems) {
	console.log(problem);
}
const kinds = Object.entries(byKind).map(([kind, count]) => `${kind} ${count}`);
console.log(
	`${kills} kills (${kinds.join(', ')}) in ${runs} runs: ${equal} of ${runs} equal, ${problems.length} problems`,
);
console.log(`took ${Math.round((Date.now() - began) / 1000)} s`);
if (problems.length > 0 || values.keep) {
	console.log(`kept: ${folder}`);
} else {
	rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length === 0 && equal === runs && runs > 0 ? 0 : 1;
