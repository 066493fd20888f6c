import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import test from 'ava';

test('programs reach every file of the language and of the registry, and use all that they export', (t) => {
	const bin = readdirSync('bin').map((name) => resolve('bin', name));
	const reached = new Set<string>();
	const next = [...bin, resolve('src/index.ts'), resolve('src/experiments/index.ts')];
	for (let file = next.pop(); file !== undefined; file = next.pop()) {
		if (!reached.has(file) && existsSync(file)) {
			reached.add(file);
			next.push(...importsOf(file));
		}
	}
	const files = ['src/gin', 'src/registry'].flatMap((folder) =>
		readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('.ts'))
			.map((name) => resolve(folder, name)),
	);
	t.true(files.length > 100);
	t.deepEqual(
		files.filter((file) => !reached.has(file)).map((file) => relative('.', file)),
		[],
	);
	const words = new Map<string, number>();
	for (const file of reached) {
		for (const [word] of readFileSync(file, 'utf8').matchAll(/\w+/gu)) {
			words.set(word, (words.get(word) ?? 0) + 1);
		}
	}
	t.deepEqual(
		files.flatMap((file) => exportsOf(file).filter((name) => words.get(name) === 1)),
		[],
	);
});

function importsOf(file: string): string[] {
	return Array.from(readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/gu), ([, path]) =>
		resolve(dirname(file), path!),
	);
}

function exportsOf(file: string): string[] {
	const pattern = /^export (?:async )?(?:abstract )?(?:function\*?|class|const|interface|type) (\w+)/gmu;
	return Array.from(readFileSync(file, 'utf8').matchAll(pattern), ([, name]) => name!);
}
