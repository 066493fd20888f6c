import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Source } from '../src/gin/ast.ts';
import { format } from '../src/gin/format.ts';
import { parse } from '../src/gin/parser.ts';
import { formatProblem } from '../src/gin/positions.ts';
import { assemble } from '../test/fixtures/assemble.ts';
import { generate } from './gin-generate.ts';
import { giants } from './gin-giants.ts';
import { type Dice, dice, mutate, mutateBytes } from './gin-mutations.ts';
import { feed } from './gin-properties.ts';

// Feeds texts to the language: some made at random, most of them real ones with pieces or bytes changed.
// Every text must be read or refused, in a time that grows with its length; what is printed must read back.
// FILE.jsonl holds one {"text": …} per line; without it the shipped configs and those of the tests are changed.
const [path, ...others] = process.argv[2]?.endsWith('.jsonl') ? process.argv.slice(2) : ['', ...process.argv.slice(2)];
const [count, seed] = [others[0] ?? '1000000', others[1] ?? '1'].map(Number) as [number, number];
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed) || (path !== '' && !existsSync(path!))) {
	console.error('usage: npm run prove:fuzz -- [FILE.jsonl] [COUNT [SEED]]');
	process.exit(2);
}
/** Characters of a real text that are taken at once. */
const longest = 500;
/** Milliseconds of processor time: for any text, and for each of its characters. */
const patience = { text: 250, character: 0.05 };
// Quadratic time is 16 times as long; linear time is a little over 4 times, for more memory is slower memory.
const growth = { of: 4, most: 8 };
const giantSize = 1_000_000;
const turns = 6;
// What earlier texts left behind is no part of the time of the next one.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const roll = dice(seed);
const corpus = path === '' ? repositoryTexts() : linesOf(path!);
const tally = { accepted: 0, printed: 0, slowest: 0 };
for (let index = 0; index < count; index++) {
	const kind = (['file', 'bindings', 'text'] as const)[index % 3]!;
	try {
		one({ name: `input ${index}`, kind, text: input(roll) }, roll(2) === 0);
	} catch (error) {
		console.error(`input ${index} of seed ${seed}`);
		throw error;
	}
	if ((index + 1) % 100_000 === 0) {
		console.error(`${index + 1} inputs`);
	}
}
report();
const steepest = { ratio: 0, name: '' };
for (const [name] of giants(100)) {
	grow(name);
}
console.log(
	`giants: ${growth.of} times the text takes at most ${steepest.ratio.toFixed(1)} times as long (${steepest.name})`,
);

function input(roll: Dice): string {
	const whole = roll(4) === 0 ? generate(roll) : corpus[roll(corpus.length)]!;
	const start = roll(Math.max(1, whole.length - longest));
	const text = whole.slice(start, start + longest);
	switch (roll(8)) {
		case 0:
			return text;
		case 1:
		case 2:
			return mutateBytes(text, roll);
		default:
			return mutate(text, roll);
	}
}

function one(source: Source, extensions: boolean): void {
	const begin = now();
	try {
		const { isAccepted, printed } = feed(source, extensions);
		tally.accepted += isAccepted ? 1 : 0;
		tally.printed += printed;
	} catch (error) {
		console.error(JSON.stringify(source.text), extensions ? 'as gimlet' : 'as gin');
		throw error;
	}
	const took = now() - begin;
	tally.slowest = Math.max(tally.slowest, took);
	if (took > patience.text + patience.character * source.text.length) {
		throw new Error(`${JSON.stringify(source.text)} took ${took.toFixed(0)} ms`);
	}
}

function report(): void {
	for (const prototype of [Object.prototype, Array.prototype, Function.prototype, String.prototype]) {
		if (Object.keys(prototype).length > 0) {
			throw new Error(`a prototype was polluted: ${Object.keys(prototype).join()}`);
		}
	}
	const { accepted, printed, slowest } = tally;
	console.log(`${count} inputs, seed ${seed}: ${accepted} accepted, ${count - accepted} refused, no crash`);
	console.log(`${printed} bindings printed and read back; slowest input ${slowest.toFixed(0)} ms`);
}

// Linear or not is a matter of ratios, of the best of several turns: a busy machine is slow for now one, now the other.
function grow(name: string): void {
	const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
	let ratio = Number.POSITIVE_INFINITY;
	for (let turn = 0; turn < turns && ratio > growth.most; turn++) {
		best.small = Math.min(best.small, timeOf(name, giantSize / growth.of, turn));
		best.large = Math.min(best.large, timeOf(name, giantSize, turn));
		ratio = best.large / Math.max(best.small, 5);
	}
	if (ratio > steepest.ratio) {
		Object.assign(steepest, { ratio, name });
	}
	if (ratio > growth.most) {
		throw new Error(`"${name}": ${growth.of} times the text takes ${ratio.toFixed(1)} times as long`);
	}
}

function timeOf(name: string, size: number, turn: number): number {
	const text = giants(size).get(name)!;
	const kind = name.startsWith('hashes') ? 'bindings' : 'file';
	let best = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 2; round++) {
		// Another name each time, for nothing may be remembered of the last one.
		const source: Source = { name: `${name} ${turn} ${round}`, kind, text };
		collectGarbage();
		const begin = now();
		for (const extensions of [true, false]) {
			const { problems } = parse(source, { extensions });
			for (const { span, message } of problems) {
				formatProblem(span, message);
			}
		}
		format(source);
		assemble([source], { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() });
		best = Math.min(best, now() - begin);
	}
	return best;
}

// Processor time in milliseconds: other programs on the machine do not make a text slow.
function now(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

function linesOf(file: string): string[] {
	const lines = readFileSync(file, 'utf8').split('\n');
	return lines.filter((line) => line.trim() !== '').map((line) => (JSON.parse(line) as { text: string }).text);
}

function repositoryTexts(): string[] {
	const root = new URL('../', import.meta.url);
	return ['configs', 'test', 'examples'].flatMap((folder) => {
		const url = new URL(folder, root);
		const names = existsSync(url) ? readdirSync(url, { recursive: true, encoding: 'utf8' }) : [];
		return names.filter((name) => name.endsWith('.gin')).map((name) => readFileSync(`${url.pathname}/${name}`, 'utf8'));
	});
}
