/** Time to resolve one component with ten bound values, once warm: `npx tsx bench/resolve.ts`. */
import { z } from 'zod';
import { gather } from '../src/gin/merge/gather.ts';
import { merge } from '../src/gin/merge/merge.ts';
import { check } from '../src/registry/check.ts';
import { Container } from '../src/registry/container.ts';
import { catalogOf } from '../src/registry/describe.ts';
import { defineKind } from '../src/registry/kinds.ts';
import { Registry } from '../src/registry/registry.ts';

class Ten {
	constructor(readonly p: object) {}
}

const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
const kind = defineKind<Ten>('ten', undefined, 'Ten parameters.');
const registry = new Registry();
const parameters = z.strictObject(Object.fromEntries(names.map((name) => [name, z.number()])));
registry.add({ name: 'ten', kind, parameters, target: Ten, isClass: true, file: 'bench/resolve.ts' });
const text = names.map((name, index) => `ten.${name} = ${index}\n`).join('');
const catalog = catalogOf(registry);
const surroundings = { read: () => undefined, env: () => undefined, searchPath: [], uses: new Map() };
const merged = merge(gather([{ name: 'ten.gin', kind: 'file', text }], surroundings));
const { lookup, problems } = check(merged, catalog, ['ten']);
if (problems.length > 0) {
	throw new Error(problems[0]!.text);
}
const container = new Container(registry, lookup);
const rounds: number[] = [];
for (let round = 0; round < 15; round++) {
	const begin = performance.now();
	for (let index = 0; index < 20_000; index++) {
		container.resolve('ten');
	}
	rounds.push((performance.now() - begin) / 20);
}
rounds.sort((a, b) => a - b);
console.log(`resolve, 10 bound values: median ${rounds[7]!.toFixed(2)} µs, best ${rounds[0]!.toFixed(2)} µs`);
