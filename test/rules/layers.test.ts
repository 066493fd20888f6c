import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

/** Folders of src by layer; docs/architecture.md draws the same picture. */
const layers: readonly (readonly string[])[] = [
	['core'],
	['files'],
	['gin', 'run', 'jobs', 'sync'],
	['registry'],
	['engine', 'data'],
	['train', 'results', 'sync'],
	[
		'models',
		'datasets',
		'transforms',
		'losses',
		'metrics',
		'optimizers',
		'schedules',
		'callbacks',
		'experiments',
		'reports',
	],
	['commands'],
];

const source = resolve('src');
const layerOf = new Map(layers.flatMap((folders, layer) => folders.map((folder) => [folder, layer] as const)));

/** Imports that are known to go against the picture, with the reason; keep this empty. */
const exceptions: ReadonlySet<string> = new Set();

test('every folder of src has a layer', (t) => {
	const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	t.deepEqual(
		folders.map(({ name }) => name).filter((name) => !layerOf.has(name)),
		[],
	);
});

test('an import points to a lower layer or stays in its folder', (t) => {
	const upward = files(source)
		.flatMap((file) =>
			importsOf(file).map((target) => ({ from: relative(source, file), to: relative(source, target) })),
		)
		.filter(({ from, to }) => {
			const [a, b] = [from.split('/')[0]!, to.split('/')[0]!];
			// src/index.ts is above everything.
			return layerOf.has(a) && a !== b && !(layerOf.get(b)! < layerOf.get(a)!);
		})
		.map(({ from, to }) => `${from} imports ${to}`)
		.filter((line) => !exceptions.has(line));
	t.deepEqual(upward, []);
});

test('nothing of the tests is part of the library', (t) => {
	const outside = files(source).flatMap((file) =>
		importsOf(file)
			.filter((target) => !target.startsWith(`${source}/`))
			.map((target) => `${relative(source, file)} imports ${relative(source, target)}`),
	);
	t.deepEqual(outside, []);
});

test('the model of bindings knows nothing but the language', (t) => {
	const model = join(source, 'gin/model');
	const other = files(model).flatMap((file) =>
		[...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/gu)]
			.map((match) => match[1]!)
			.filter(
				(from) =>
					!/^\.\/[\w-]+\.ts$|^\.\.\/(?:ast|order|positions|printer|values)\.ts$|^\.\.\/\.\.\/core\//u.test(from),
			)
			.map((from) => `${relative(source, file)} imports ${from}`),
	);
	t.deepEqual(other, []);
});

test('only registry, engine, train and components know inversify or tensors', (t) => {
	const allowed = new Set([
		'registry',
		'engine',
		'train',
		'models',
		'losses',
		'metrics',
		'optimizers',
		'callbacks',
		'index.ts',
	]);
	const offenders = files(source).filter((file) => {
		const text = readFileSync(file, 'utf8');
		const folder = relative(source, file).split('/')[0]!;
		return /from '(?:inversify|@tensorflow\/[^']+)'/u.test(text) && !allowed.has(folder);
	});
	t.deepEqual(
		offenders.map((file) => relative(source, file)),
		[],
	);
});

test('the tensor library is loaded in one place', (t) => {
	const offenders = files(source).filter((file) => {
		const isType = /import type [^;]*@tensorflow|from '\.[^']*tf\.ts'/u;
		const lines = readFileSync(file, 'utf8').split('\n');
		return lines.some(
			(line) => /^import .*'@tensorflow\//u.test(line) && !isType.test(line) && !line.startsWith('import type'),
		);
	});
	t.deepEqual(
		offenders.map((file) => relative(source, file)),
		[],
	);
});

function files(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
	const text = readFileSync(file, 'utf8');
	const targets = [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/gu)].map((match) => match[1]!);
	return targets.map((target) => resolve(dirname(file), target));
}
