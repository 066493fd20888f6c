/**
 * Reading speed of the config language, beside gin-config where Python can import it: `npm run bench -- gin`.
 *
 * Both read the same text in turns, so that a machine that gets slower gets slower for both. Figures are processor time
 * of the reading thread's process divided by bindings; where gin is not importable its recorded figure stands in.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather } from '../src/gin/merge/gather.ts';
import { merge } from '../src/gin/merge/merge.ts';
import { parse } from '../src/gin/parser.ts';

/** What the reference implementation needs for one binding of this mix on the machine it was recorded on. */
const referenceMicroseconds = 44.1;

const values = [
	(n: number) => `${n}`,
	(n: number) => `${n}.25e-3`,
	(n: number) => `'text ${n}'`,
	(n: number) => (n % 20 < 10 ? 'True' : 'False'),
	() => 'None',
	(n: number) => `[${n}, 2, 3]`,
	(n: number) => `(${n}, 'b')`,
	(n: number) => `{'a': ${n}}`,
	(n: number) => `@a/f_${n % 500}()`,
	(n: number) => `%m_${n}`,
];

/** A text of bindings whose values cycle through every kind. */
function bindings(count: number): string {
	const lines = Array.from({ length: count }, (_, n) => `f_${n % 500}.p${n % 40} = ${values[n % values.length]!(n)}`);
	return `${lines.join('\n')}\n`;
}

const script = `
import sys, time
try:
    import gin
except ImportError:
    sys.exit(3)
text = open(sys.argv[1]).read()
@gin.configurable('probe')
def probe(**parameters): return parameters
begin = time.process_time()
gin.parse_config(text, skip_unknown=True)
print((time.process_time() - begin) * 1e6)
`;

/** Microseconds of processor time that gin needs for a text; undefined where Python has no gin. */
function reference(text: string): number | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-bench-'));
	try {
		const file = join(folder, 'bench.gin');
		writeFileSync(file, text);
		const { status, stdout } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
		return status === 0 ? Number(stdout) : undefined;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function once(work: () => void): number {
	const begin = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(begin);
	return user + system;
}

function median(numbers: readonly number[]): number {
	return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function read(text: string, count: number): void {
	const { statements, problems } = parse({ name: 'bench.gin', kind: 'file', text }, { extensions: true });
	if (statements.length !== count || problems.length > 0) {
		throw new Error(`parsed ${statements.length} of ${count} bindings, with ${problems.length} problems`);
	}
}

function readAndMerge(text: string): void {
	const surroundings = { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() };
	const { bindings: merged, problems } = merge(gather([{ name: 'bench.gin', kind: 'file', text }], surroundings));
	if (merged.length === 0 || problems.length > 0) {
		throw new Error(`${problems.length} problems`);
	}
}

function figure(name: string, times: readonly number[], count: number): void {
	const middle = median(times);
	const best = Math.min(...times);
	console.log(
		`${name}: median ${(middle / 1000).toFixed(1)} ms, best ${(best / 1000).toFixed(1)} ms, ${(middle / count).toFixed(2)} us/binding`,
	);
}

function sideBySide(count: number, rounds: number): void {
	const text = bindings(count);
	for (let warm = 0; warm < 10; warm++) {
		read(text, count);
	}
	const ours: number[] = [];
	const theirs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		ours.push(median(Array.from({ length: 5 }, () => once(() => read(text, count)))));
		const time = reference(text);
		if (time !== undefined) {
			theirs.push(time);
		}
	}
	figure(`gimlet reads ${count} bindings (${text.length} characters)`, ours, count);
	if (theirs.length > 0) {
		figure(`gin reads the same`, theirs, count);
	}
	const each = theirs.length > 0 ? median(theirs) / count : referenceMicroseconds;
	const source = theirs.length > 0 ? 'measured in turns' : 'as recorded; gin is not importable here';
	console.log(`ratio ${(each / (median(ours) / count)).toFixed(0)} (${source})`);
}

function alone(count: number, rounds: number): void {
	const text = bindings(count);
	figure(
		`gimlet reads ${count} bindings`,
		Array.from({ length: rounds }, () => once(() => read(text, count))),
		count,
	);
	figure(
		`gimlet reads and merges ${count} bindings`,
		Array.from({ length: rounds }, () => once(() => readAndMerge(text))),
		count,
	);
}

sideBySide(20_000, 5);
alone(20_000, 9);
alone(200_000, 3);
alone(1_000_000, 1);
