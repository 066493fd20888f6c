import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { jobId, meaning } from '../../../src/experiments/identity.ts';
import { completeConfig } from '../../../src/registry/complete-config.ts';
import { Configuration, type ConfigurationOptions } from '../../../src/registry/configuration.ts';
import { defineKind } from '../../../src/registry/kinds.ts';
import { operativeOf } from '../../../src/registry/operative.ts';
import { component } from '../../../src/registry/parameters.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { declareFunctionIn } from './zoo.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gimlet-paths-')));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const datasetKind = defineKind<object>('dataset', undefined, 'Examples.');
const registry = new Registry();
const points = z.object({
	file: z.string().default('usual.csv'),
	more_files: z.array(z.string()).default([]),
	profile: z.string().default('usual'),
});
registry.add({
	...{ name: 'points', kind: datasetKind, parameters: points.describe('Points.').strict() },
	...{ target: class {}, isClass: true, file: 'points.ts' },
});
const fit = z.object({
	data: component(datasetKind),
	place: z.string().nullable().default(null).meta({ path: true }),
	dir: z.string().default('x'),
});
declareFunctionIn(registry, 'fit', fit.describe('Fits.'), (all: object) => all);

function write(name: string, text: string): string {
	const path = join(folder, name);
	mkdirSync(resolve(path, '..'), { recursive: true });
	writeFileSync(path, text);
	return path;
}

async function effective(path: string, options: ConfigurationOptions = {}) {
	const config = await Configuration.fromFiles([path], { registry, ...options });
	const { reached, lookup, problems } = config.check(['fit']);
	const operative = operativeOf(reached.nodes, lookup);
	const text = (key: string) => {
		const [name, parameter] = key.split('.') as [string, string];
		return operative.components[name]!.parameters[parameter]!.text;
	};
	return { config, problems, operative, text, complete: completeConfig(reached, lookup) };
}

const base = write(
	'base/base.gin',
	"fit.data = 'points'\nfit.place = 'data'\nwhere = 'macro.csv'\npoints.file = %where\npoints.profile = 'own'\nfit.dir = 'plain'\n",
);

test('a relative path means the folder of the file that binds it, through macros and lists too', async (t) => {
	const config = write(
		'top/a.gin',
		"include '../base/base.gin'\npoints.more_files = ['b.csv', '/c.csv', 'https://d/e.csv']\n",
	);
	const { text, problems, complete, config: all } = await effective(config);
	t.deepEqual(problems, []);
	t.is(text('fit.place'), `'${folder}/base/data'`);
	t.is(text('points.file'), `'${folder}/base/macro.csv'`);
	t.is(text('points.more_files'), `['${folder}/top/b.csv', '/c.csv', 'https://d/e.csv']`);
	t.deepEqual([text('points.profile'), text('fit.dir')], ["'own'", "'plain'"], 'these are no paths');
	t.like(all.resolve('fit'), { place: `${folder}/base/data` });
	// What is recorded means the same anywhere, and uses no macro for it.
	t.false(complete.includes('where'));
	t.regex(complete, new RegExp(`points\\.file = '${folder}/base/macro\\.csv'`, 'u'));
});

test('typed and from a variable, it means the working directory; a default stays as it is', async (t) => {
	const typed = await effective(base, {
		bindings: ["points.file = 'typed.csv'", "fit.place = env('PLACE', 'data')"],
		env: () => 'there',
	});
	t.is(typed.text('points.file'), `'${process.cwd()}/typed.csv'`);
	t.is(typed.text('fit.place'), `'${process.cwd()}/there'`);
	const fallback = write('base/env.gin', "fit.data = 'points'\nfit.place = env('PLACE', 'data')\n");
	const { text } = await effective(fallback, { env: () => undefined });
	t.deepEqual([text('fit.place'), text('points.file')], [`'${folder}/base/data'`, "'usual.csv'"]);
});

test('a path may change when a run goes on, and a job has one id wherever its config lies', async (t) => {
	const [here, there] = await Promise.all(
		['one', 'two'].map((name) => effective(write(`${name}/x.gin`, "fit.data = 'points'\npoints.file = 'p.csv'\n"))),
	);
	t.not(here!.text('points.file'), there!.text('points.file'));
	t.is(here!.operative.hash, there!.operative.hash);
	t.deepEqual(
		[here!.operative.components['points']!.parameters['file']!.free, jobId(here!.operative)],
		[true, jobId(there!.operative)],
	);
	t.true(meaning(here!.operative).includes("points.file = 'p.csv'"));
});
