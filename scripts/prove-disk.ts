/**
 * Fails the disk below a run and damages what is on it, puts it right, gives the same command again, and compares with the
 * run that nothing happened to.
 *
 *   npm run prove:disk -- [--cuts 100] [--parallel 2]
 *
 * A full disk needs root (a small tmpfs is mounted); without it that part is left out, and said so.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { proveDamages } from './damage-proof.ts';
import { proveDiskFailures } from './disk-failures.ts';

const { values } = parseArgs({
	options: { cuts: { type: 'string', default: '100' }, parallel: { type: 'string', default: '2' } },
});
const folder = mkdtempSync(join(tmpdir(), 'gimlet-disk-'));
// A part runs as another user, for root writes anywhere.
chmodSync(folder, 0o755);
const say = (text: string) => void process.stderr.write(`${text}\n`);
const failures = await proveDiskFailures({ folder: join(folder, 'failures'), say });
const damages = await proveDamages({
	folder: join(folder, 'damages'),
	cuts: Number(values.cuts),
	parallel: Number(values.parallel),
	say,
});
const problems = [...failures.problems, ...damages.problems];
problems.forEach((problem) => void console.log(problem));
for (const left of failures.leftOut) {
	console.log(`left out: ${left}`);
}
console.log(`${failures.equal} of ${failures.failures} failures of the disk ended with 4 and were continued exactly`);
console.log(`${damages.equal} of ${damages.damages} damages were noticed or harmless, and continued exactly`);
if (problems.length > 0) {
	console.log(`kept: ${folder}`);
} else {
	rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length === 0 ? 0 : 1;
