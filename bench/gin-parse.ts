import { performance } from 'node:perf_hooks';
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

function measure(text: string, count: number, repeats: number): void {
	const times: number[] = [];
	for (let repeat = 0; repeat < repeats; repeat++) {
		const begin = performance.now();
		const { statements, problems } = parse({ name: 'bench.gin', kind: 'file', text }, { extensions: true });
		times.push(performance.now() - begin);
		if (statements.length !== count || problems.length > 0) {
			throw new Error(`parsed ${statements.length} of ${count} bindings, with ${problems.length} problems`);
		}
	}
	times.sort((a, b) => a - b);
	const median = times[Math.floor(times.length / 2)]!;
	const each = (median * 1000) / count;
	console.log(
		`${count} bindings (${text.length} characters): median ${median.toFixed(1)} ms, best ${times[0]!.toFixed(1)} ms, ` +
			`${each.toFixed(3)} us/binding, ${(referenceMicroseconds / each).toFixed(0)}x the reference (${referenceMicroseconds} us)`,
	);
}

for (const [count, repeats] of [
	[1000, 30],
	[20_000, 30],
	[200_000, 5],
	[1_000_000, 2],
] as const) {
	measure(bindings(count), count, repeats);
}
