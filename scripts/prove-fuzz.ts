import { readFileSync } from 'node:fs';
import { format } from '../src/gin/format.ts';
import { parse } from '../src/gin/parser.ts';
import { formatProblem } from '../src/gin/positions.ts';
import { dice, giants, mutate } from './gin-mutations.ts';

// Feeds mutated .gin texts to the parser: FILE.jsonl (one {"text": …} per line) and how many, a million if not said.
// Every text must be read or refused with problems that can be shown, within a second of processor time.
const [path, countText = '1000000', seedText = '1'] = process.argv.slice(2);
const count = Number(countText);
if (path === undefined || !Number.isSafeInteger(count)) {
	console.error('usage: npm run prove:fuzz -- FILE.jsonl [COUNT [SEED]]');
	process.exit(2);
}
const longest = 1500;
const roll = dice(Number(seedText));
const corpus = readFileSync(path, 'utf8')
	.split('\n')
	.filter((line) => line.trim() !== '')
	.map((line) => (JSON.parse(line) as { text: string }).text);
const kinds = ['file', 'bindings', 'text'] as const;
let refused = 0;
let formatted = 0;
let slowest = 0;

for (let index = 0; index < count; index++) {
	const whole = corpus[roll(corpus.length)]!;
	const start = roll(Math.max(1, whole.length - longest));
	const text = mutate(whole.slice(start, start + longest), roll);
	const source = { name: `input ${index}`, kind: kinds[index % 3]!, text };
	try {
		feed(source, index % 2 === 0);
	} catch (error) {
		console.error(`input ${index}: ${JSON.stringify(text)}`);
		throw error;
	}
}
for (const [name, text] of giants(1_000_000)) {
	const begin = now();
	parse({ name, kind: name.startsWith('hashes') ? 'bindings' : 'file', text }, { extensions: true });
	const took = now() - begin;
	if (took > 10_000) {
		throw new Error(`a megabyte of ${name} took ${took.toFixed(0)} ms`);
	}
}
if (Object.keys(Object.prototype).length > 0) {
	throw new Error(`prototype polluted: ${Object.keys(Object.prototype).join()}`);
}
console.log(`${count} inputs: ${refused} refused, ${formatted} formatted, slowest ${slowest.toFixed(1)} ms; no crash`);

// Processor time in milliseconds: other programs on the machine do not make a text slow.
function now(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

function feed(source: { name: string; kind: (typeof kinds)[number]; text: string }, extensions: boolean): void {
	const begin = now();
	const { problems } = parse(source, { extensions });
	const took = now() - begin;
	slowest = Math.max(slowest, took);
	if (took > 1000) {
		throw new Error(`took ${took.toFixed(0)} ms`);
	}
	refused += problems.length > 0 ? 1 : 0;
	const [first] = problems;
	if (first !== undefined) {
		formatProblem(first.span, first.message);
	} else if (source.kind === 'file') {
		const once = format(source);
		const again = format({ ...source, text: once.text });
		if (once.problems.length === 0 && (again.problems.length > 0 || again.text !== once.text)) {
			throw new Error('formatting twice differs');
		}
		formatted++;
	}
}
