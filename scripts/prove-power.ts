/**
 * Loses power, in a simulation, after every step of the durable writes of a run: data and names that were not synced are
 * dropped, or have come in any order. Every disk that this leaves must verify, and a run resumed from it must end like the one never interrupted.
 *
 *   npm run prove:power -- [--resumes 40] [--parallel 2]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCases } from './kill-cases.ts';
import { provePower } from './power-proof.ts';

const { values } = parseArgs({
	options: { resumes: { type: 'string', default: '40' }, parallel: { type: 'string', default: '2' } },
});
const folder = mkdtempSync(join(tmpdir(), 'gimlet-power-'));
const [first] = writeCases(join(folder, 'configs'), 64, 2);
const { prefixes, disks, resumed, equal, problems } = await provePower({
	folder,
	case: first!,
	resumes: Number(values.resumes),
	boundaries: true,
	parallel: Number(values.parallel),
	say: (text) => void process.stderr.write(`${text}\n`),
});
for (const problem of problems) {
	console.log(problem);
}
console.log(
	`${prefixes} prefixes, ${disks} disks verified; ${equal} of ${resumed} resumed and equal, ${problems.length} problems`,
);
if (problems.length > 0) {
	console.log(`kept: ${folder}`);
} else {
	rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length === 0 && equal === resumed && resumed > 0 ? 0 : 1;
