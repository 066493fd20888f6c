/**
 * Puts hostile values in the place of files of run folders and asks every program that reads them: each must end in 5 s
 * with a documented code and a line that names the file, within a gigabyte, and change nothing outside.
 *
 *   npm run prove:folders -- --inputs 2000 [--seed 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzFolders } from './folder-fuzz.ts';

const { values } = parseArgs({
	options: { inputs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const folder = mkdtempSync(join(tmpdir(), 'gimlet-folders-'));
const { problems, byCode, slowest, largest } = await fuzzFolders({
	folder,
	inputs: Number(values.inputs),
	seed: Number(values.seed),
	say: (text) => void process.stderr.write(`${text}\n`),
});
rmSync(folder, { recursive: true });
for (const problem of problems) {
	console.log(problem);
}
const codes = [...byCode].sort(([a], [b]) => a - b).map(([code, count]) => `${count} with ${code}`);
console.log(
	`${values.inputs} inputs: ${codes.join(', ')}; slowest ${Math.round(slowest)} ms, most memory ${Math.round(largest / 1e6)} MB; ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
