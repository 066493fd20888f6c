import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { column, json, root, scratch, tiny } from './programs.ts';

const place = scratch();
const { at, run } = place;
test.after.always(() => place.remove());

const model = `
import type { DataSpec, NetworkBuilder } from 'gimlet';
import { LayersModel, model, outputUnits } from 'gimlet';
import { z } from 'zod';

const parameters = z.object({ width: z.int().min(1).default(4).describe('Units.') }).describe('One narrow layer.');

@model('narrow', parameters)
export class Narrow extends LayersModel {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	protected override network(spec: DataSpec, build: NetworkBuilder) {
		const x = build.dense(build.flatten(build.input), { name: 'narrow', units: this.p.width, activation: 'tanh' });
		return build.dense(x, { name: 'logits', units: outputUnits(spec) });
	}
}
`;

const dataset = `
import { type Data, Dataset, type DataSpec, dataset, type LoadContext } from 'gimlet';
import { z } from 'zod';

const parameters = z.object({ turns: z.number().gt(0).default(1).describe('Of each arm.') }).describe('Two spiral arms.');

@dataset('spiral', parameters)
export class Spiral extends Dataset {
	readonly spec: DataSpec = { shape: [2], target: { type: 'class', classes: 2 }, units: 'arbitrary' };

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	async load({ streams }: LoadContext): Promise<Data> {
		const noise = streams.stream('spiral');
		const part = (first: number, size: number) => {
			const ids = Int32Array.from({ length: size }, (_, i) => first + i);
			const inputs = new Float32Array(size * 2);
			ids.forEach((id, i) => {
				const along = noise.normal();
				const angle = along * this.p.turns * 2 * Math.PI + (id % 2) * Math.PI;
				inputs.set([along * Math.cos(angle), along * Math.sin(angle)], i * 2);
			});
			return { size, ids, inputs, targets: ids.map((id) => id % 2) };
		};
		return {
			spec: this.spec,
			splits: { train: part(0, 64), valid: part(64, 16), test: part(80, 16) },
			preprocessing: { scale: 1, mean: [0], sd: [1] },
			transforms: [],
			provenance: { generated: true },
		};
	}
}
`;

const callback = `
import { Callback, callback, type Logs, type Training } from 'gimlet';
import { z } from 'zod';

const parameters = z.object({ scale: z.number().default(1).describe('Factor.') }).describe('Adds a column.');

@callback('counts_steps', parameters)
export class CountsSteps extends Callback {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override onEpochEnd(training: Training, logs: Logs): void {
		logs['train/steps'] = training.step * this.p.scale;
	}
}
`;

place.write('mine/narrow.ts', model);
place.write('mine/spiral.ts', dataset);
place.write('mine/counts.ts', callback);
const mine = `import './narrow.ts'
import './spiral.ts'
train.model = 'narrow'
train.dataset = @spiral()
train.callbacks = ['counts_steps']
narrow.width = 6
spiral.turns = env('TURNS', 1.0)
counts_steps.scale = 10.0
training_loop.n_epochs = 2
`;
const config = place.write('mine/mine.gin', mine);

test.serial(
	'a model, a data set and a callback, each one file outside the repository, by name (security R6)',
	async (t) => {
		for (const words of [['init'], ['commit', '--allow-empty', '-m', 'x']]) {
			await execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: at() });
		}
		process.env['TURNS'] = '0.5';
		const { code, err } = await run('train', 'run', config, '--plugin', 'mine/counts.ts');
		delete process.env['TURNS'];
		t.is(code, 0, err);
		t.regex(err, /^next: \S*bin\/evaluate\.ts run --plugin mine\/counts\.ts --plugin mine\/narrow\.ts /mu);
		t.deepEqual(column(at('run'), 'train/steps'), ['20', '40']);
		t.is(json(at('run'), 'data.json')['dataset'], 'spiral');
		// The repository that is recorded is that of the config, with what is not added yet.
		const git = json(at('run'), 'git.json');
		t.like(git, { root: at(), holds: ['configs', 'plug-ins'], patch: 'complete', untracked_in_patch: 4 });
		t.like(git['others'], [{ holds: ['gimlet'] }]);
		t.regex(readFileSync(at('run/git.patch'), 'utf8'), /^\+export class Narrow/mu);
		t.like(json(at('run'), 'meta.json'), { data_dir: at('data'), environment: { TURNS: '0.5' } });
		t.regex(readFileSync(at('run/config.gin'), 'utf8'), /^spiral\.turns = 0\.5$/mu);
		const again = await execa(at('run/command.sh'), { cwd: '/', env: {}, extendEnv: false, reject: false });
		t.is(again.exitCode, 0, again.stderr);
		t.regex(again.stderr, /already complete/u);
		t.like(json(at('run'), 'model.json'), { model: 'narrow', parameters: 2 * 6 + 6 + 6 * 2 + 2 });
	},
);

test.serial(
	'a run with components of its own is evaluated and repeated from its folder, with their copies (security R1)',
	async (t) => {
		const refused = await run('evaluate', 'run');
		t.is(refused.code, 2);
		t.is(refused.out, '');
		const command = /^ {2}(\S*bin\/evaluate\.ts run --plugin .*)$/mu.exec(refused.err)![1]!;
		// The files themselves are not needed any more.
		rmSync(at('mine'), { recursive: true });
		const [, ...words] = command.split(' ');
		const evaluated = await run('evaluate', ...words, '--json');
		t.is(evaluated.code, 0, evaluated.err);
		t.deepEqual(JSON.parse(evaluated.out), (json(at('run'), 'summary.json') as { test: unknown }).test);
		const code = words.slice(1);
		const repeated = await run('train', 'again', at('run/config.gin'), ...code);
		t.is(repeated.code, 0, repeated.err);
		t.is((await run('config', 'diff', 'run', 'again')).out, '');
		// The copies stand for the files that they were.
		t.regex(readFileSync(at('again/config.gin'), 'utf8'), new RegExp(`^import '${at('mine/narrow.ts')}'$`, 'mu'));
		t.is(readFileSync(at('again/configs/mine/narrow.ts'), 'utf8'), model);
		const summary = await run('summary', at('run/config.gin'));
		t.is(summary.code, 2);
		t.is((await run('runs', 'resume', at('run'))).code, 2);
		t.is((await run('runs', 'resume', at('run'), ...code)).code, 0);
	},
);

test.serial('without its file, a component is unknown, and nothing is created', async (t) => {
	place.write('mine/narrow.ts', model);
	place.write('mine/spiral.ts', dataset);
	const { code, err } = await run('train', 'none', place.write('mine/mine.gin', mine));
	t.is(code, 2);
	t.regex(err, /there is no callback named "counts_steps"/u);
	t.throws(() => json(at('none'), 'status.json'), { code: 'ENOENT' });
});

test.serial('the callback of docs/callbacks.md works as it stands there', async (t) => {
	const page = readFileSync(join(root, 'docs/callbacks.md'), 'utf8');
	const example = /```ts\n([\s\S]*?)```/u.exec(page)![1]!;
	place.write('hello.ts', example);
	const bindings = `import './hello.ts'\n${tiny}train.callbacks = ['hello']\nhello.every = 6\n`;
	const { code, err } = await run('train', 'hello', place.write('hello.gin', bindings));
	t.is(code, 0, err);
	t.is([...err.matchAll(/^hello from step (?:6|12|18): loss [\d.]+$/gmu)].length, 3, err);
});

const reporter = `
import { Callback, callback } from 'gimlet';
import { z } from 'zod';

const parameters = z
	.object({ api_token: z.string().describe('A.'), password: z.string().describe('B.'), key: z.string().describe('C.') })
	.describe('Would report to somebody.');

@callback('reporter', parameters)
export class Reporter extends Callback {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override onRunStart(): void {
		console.log(Object.values(this.p).map((text) => text.length).join());
	}
}
`;

test.serial(
	'no file of a run holds a secret of its config, command line or environment, and all else (security R4, R5, R6)',
	async (t) => {
		place.write('secret/reporter.ts', reporter);
		const lines = "import './reporter.ts'\ntrain.callbacks = ['reporter']\nreporter.api_token = 'swordfish'\n";
		const own = place.write('secret/a.gin', `${tiny}${lines}reporter.password = env('MY_PASS')\n`);
		process.env['MY_PASS'] = 'open sesame';
		const { code, out, err } = await run(
			'train',
			'kept',
			own,
			'-b',
			"reporter.key='abracadabra'#training_loop.n_epochs=1",
		);
		delete process.env['MY_PASS'];
		t.is(code, 0, err);
		t.regex(out, /9,11,11/u, 'the component gets what was given');
		t.regex(
			err,
			/reporter\.key is a secret and is not recorded: repeating this run from its folder needs -b "reporter\.key = …"/u,
		);
		for (const secret of ['swordfish', 'open sesame', 'abracadabra']) {
			const { stdout } = await execa('grep', ['-rlF', secret, at('kept')], { reject: false });
			t.is(stdout, '', secret);
		}
		const { masked, withheld, argv } = json(at('kept'), 'meta.json') as Record<string, string[]>;
		const kept = ['command.sh', 'configs/command-line.txt'].map((name) => readFileSync(at('kept', name), 'utf8'));
		for (const text of [argv!.join(' '), ...kept]) {
			t.regex(text, /reporter\.key=%gin\.REQUIRED#training_loop\.n_epochs=1/u);
		}
		t.deepEqual([masked, withheld], [['reporter.api_token', 'reporter.password', 'reporter.key'], ['MY_PASS']]);
		const bare = await execa(at('kept/command.sh'), { env: {}, extendEnv: false, reject: false });
		t.like(bare, { exitCode: 2, stderr: 'MY_PASS is a secret, which the run folder does not hold: set it.' });
		const again = await execa(at('kept/command.sh'), { env: { MY_PASS: 'x' }, extendEnv: false, reject: false });
		t.is(again.exitCode, 2);
		t.regex(again.stderr, /reporter\.key has no value/u);
		const whole = [at('kept/command.sh'), ['-b', "reporter.key='abracadabra'"]] as const;
		const done = await execa(...whole, { env: { MY_PASS: 'x' }, extendEnv: false, reject: false });
		t.regex(done.stderr, /already complete/u);
	},
);
