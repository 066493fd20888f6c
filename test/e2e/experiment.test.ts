import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { root, scratch, tiny, treeHash, weights } from './programs.ts';

const place = scratch();
const { at, run } = place;
process.env['RESULTS_DIR'] = at('results');
// A project of its own, whose files are modules.
place.write('package.json', '{"type": "module"}');
test.after.always(() => place.remove());

/** An experiment of its own outside the repository. */
function experiment(name: string, variants: string, template = tiny): string {
	place.write(`${name}/template.gin`, template);
	return place.write(
		`${name}/main.ts`,
		`import { runIfMain } from '${root}/src/commands/experiment.ts';
import { defineExperiment, grid, seeds } from '${root}/src/experiments/index.ts';
export const experiment = defineExperiment({ question: 'Why?', from: import.meta.url, variants: ${variants}, baseline: { 'adam.learning_rate': 0.001 } });
await runIfMain(import.meta.url, experiment);
`,
	);
}

const variant = at('results/quick/small');
const variants = (rates: string) => `{ small: [grid({ 'adam.learning_rate': ${rates} }), seeds(2)] }`;

test.serial('prepare writes configs, a manifest and a job list, in the order written and twice the same', async (t) => {
	const main = experiment('quick', variants('[0.001, 0.02]'));
	const { code, out, err } = await run('experiment', main, 'prepare');
	t.is(code, 0, err);
	t.is(out, join(variant, 'batch.sh'));
	t.deepEqual(readdirSync(variant).sort(), ['batch.sh', 'configs', 'manifest.json']);
	t.deepEqual(points(), ['0.001 1', '0.001 2', '0.02 1', '0.02 2']);
	const before = treeHash(variant);
	const times = statSync(join(variant, 'batch.sh')).mtimeMs;
	t.regex((await run('experiment', main, 'prepare', 'small')).err, /nothing changed/u);
	t.is(treeHash(variant), before);
	t.is(statSync(join(variant, 'batch.sh')).mtimeMs, times);
	t.is(
		(
			await run(
				'config',
				'check',
				...readdirSync(join(variant, 'configs')).map((name) => join(variant, 'configs', name)),
			)
		).code,
		0,
	);
});

test.serial('another axis order or value adds and removes no more than it says', async (t) => {
	const before = new Set(readdirSync(join(variant, 'configs')));
	const turned = experiment('quick', `{ small: [seeds(2), grid({ 'adam.learning_rate': [0.02, 0.001] })] }`);
	t.is((await run('experiment', turned, 'prepare')).code, 0);
	t.deepEqual(new Set(readdirSync(join(variant, 'configs'))), before);
	const more = experiment('quick', variants('[0.001, 0.02, 0.03]'));
	t.regex((await run('experiment', more, 'prepare')).err, /^6 jobs/u);
	const fewer = experiment('quick', variants('[0.001, 0.02]'));
	t.regex((await run('experiment', fewer, 'prepare')).err, /2 configs of former jobs removed/u);
	t.deepEqual(new Set(readdirSync(join(variant, 'configs'))), before);
});

test.serial(
	'batch.sh trains everything past a failing job, again without repeating, and the report tells',
	async (t) => {
		const [first, second] = runs();
		// A file where the second run is to be: its job fails, the others go on.
		mkdirSync(join(variant, 'runs'), { recursive: true });
		writeFileSync(second!, '');
		const batch = () => execa('bash', [join(variant, 'batch.sh')], { reject: false, cwd: '/' });
		const broken = await batch();
		t.is(broken.exitCode, 1);
		t.regex(broken.stderr, new RegExp(`1 of 4 failed:\\n {2}line \\d+, exit code 3: .*${second}`, 'u'));
		t.regex((await run('experiment', at('quick/main.ts'), 'status')).out, /missing|unknown/u);
		const early = await run('experiment', at('quick/main.ts'), 'report');
		t.is(early.code, 0, early.err);
		t.regex(early.err, /3 of 4 runs finished/u);
		rmSync(second!);
		const weight = weights(first!);
		const whole = await batch();
		t.is(whole.exitCode, 0, whole.stderr);
		t.regex(whole.stderr, /already complete/u);
		t.is(weights(first!), weight);
		const { out } = await run('experiment', at('quick/main.ts'), 'report', '--format', 'csv', '--runs');
		const figures = runs().map(
			(folder) =>
				(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as { test: Record<string, number> }).test[
					'test/accuracy'
				],
		);
		const [head = '', ...rows] = out.split('\n');
		const column = head.split(',').indexOf('test/accuracy');
		t.deepEqual(
			rows.map((row) => Number(row.split(',')[column])),
			figures as number[],
		);
		t.true(existsSync(join(variant, 'report.html')));
		t.regex(readFileSync(join(variant, 'report.csv'), 'utf8'), /^0\.02,2,2,/mu);
	},
);

test.serial('a finished run whose config would change is refused by name and key', async (t) => {
	const before = treeHash(variant);
	const main = experiment('quick', variants('[0.001, 0.02]'), `${tiny}mlp.activation = 'tanh'\n`);
	const { code, err } = await run('experiment', main, 'prepare');
	t.is(code, 3);
	t.true(err.includes(runs()[0]!), err);
	t.regex(err, /mlp\.activation: 'relu' .* -> 'tanh'/u);
	t.is(treeHash(variant), before);
	experiment('quick', variants('[0.001, 0.02]'), tiny.replace('device.threads = 1', 'device.threads = 2'));
	t.is((await run('experiment', main, 'prepare')).code, 0, 'the device is not part of what is computed');
});

test.serial('mistakes in axes are found before anything is written', async (t) => {
	const cases: Record<string, RegExp> = {
		"[grid({ 'adam.lerning_rate': [1] })]": /adam has no parameter "lerning_rate".*learning_rate/u,
		"[grid({ 'adm.learning_rate': [1] })]": /"adm".*adam/u,
		"[grid({ 'adam.learning_rate': ['fast'] })]": /adam\.learning_rate/u,
		"[grid({ 'sgd.learning_rate': [0.1] })]": /sgd\.learning_rate/u,
		"[grid({ 'mlp.units': [[8], [8.5]] })]": /mlp\.units/u,
		"[seeds(2), grid({ 'train.seed': [1] })]": /given twice/u,
		"[grid({ 'adam.learning_rate': [0.1, 1e-1] })]": /points 1 and 2 are the same run/u,
	};
	for (const [sweep, message] of Object.entries(cases)) {
		const { code, err } = await run('experiment', experiment('wrong', `{ only: ${sweep} }`), 'prepare');
		t.is(code, 2, err);
		t.regex(err, message, sweep);
	}
	t.false(existsSync(at('results/wrong')));
	t.is((await run('experiment', 'tune_lrr', 'prepare')).code, 2);
	t.is((await run('experiment', 'tune_lr', 'prepare', 'smal')).code, 2);
	t.is((await run('experiment', 'tune_lr', 'report', 'large')).code, 2);
});

test.serial('the shipped experiment runs by itself and by name', async (t) => {
	const direct = await execa(join(root, 'experiments/tune_lr/main.ts'), ['prepare', 'large'], {
		reject: false,
		cwd: at(),
	});
	t.is(direct.exitCode, 0, direct.stderr);
	t.regex(direct.stderr, /^25 jobs/u);
	const before = treeHash(at('results/tune_lr'));
	t.is((await run('experiment', 'tune_lr', 'prepare', 'large')).code, 0);
	t.is(treeHash(at('results/tune_lr')), before);
});

interface Job {
	readonly run: string;
	readonly point: Readonly<Record<string, number>>;
}

function jobs(): readonly Job[] {
	return (JSON.parse(readFileSync(join(variant, 'manifest.json'), 'utf8')) as { jobs: Job[] }).jobs;
}

function points(): string[] {
	return jobs().map(({ point }) => `${point['adam.learning_rate']} ${point['train.seed']}`);
}

function runs(): string[] {
	return jobs().map(({ run: path }) => join(variant, path));
}
