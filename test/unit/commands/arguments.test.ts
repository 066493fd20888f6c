import test from 'ava';
import { config } from '../../../src/commands/config.ts';
import { jobs } from '../../../src/commands/jobs.ts';
import { type Program, run } from '../../../src/commands/main.ts';
import { prepare } from '../../../src/commands/prepare.ts';
import { report } from '../../../src/commands/report.ts';
import { runs } from '../../../src/commands/runs.ts';
import { sync } from '../../../src/commands/sync.ts';
import { train } from '../../../src/commands/train.ts';

async function outcome(program: Program, ...args: string[]) {
	const texts = { out: '', err: '' };
	const output = (name: 'out' | 'err') => ({ write: (text: string | Uint8Array) => (texts[name] += String(text)) });
	const code = await run(program, args, { stdout: output('out'), stderr: output('err'), exitCode: 0 });
	return { code, ...texts };
}

test('-b= is -b, as --binding= is --binding', async (t) => {
	const show = async (...words: string[]) => (await outcome(config, 'show', 'configs/mlp.gin', ...words)).out;
	const wanted = await show('-b', 'mlp.units=[3]#train.seed=7');
	t.regex(wanted, /^mlp\.units = \[3\]$/mu);
	t.regex(wanted, /^train\.seed = 7$/mu);
	t.is(await show('-b=mlp.units=[3]#train.seed=7'), wanted);
	t.is(await show('--binding=mlp.units=[3]#train.seed=7'), wanted);
	t.is(await show('-b=mlp.units=[3]', '-b', 'train.seed=7'), wanted);
	t.not(await show('-b='), wanted);
});

test('a wrong command line is one line with the nearest name, and exit code 2', async (t) => {
	const cases: ReadonlyArray<readonly [Program, readonly string[], string]> = [
		[train, ['a', 'b', '--smok'], "train: unknown option '--smok'. Did you mean --smoke?"],
		[train, ['a', 'b', '--smoke', '--dry-run'], "train: option '--smoke' cannot be used with option '--dry-run'."],
		[
			train,
			['a', 'b', '--chaos=kill@step=1', '--dry-run'],
			"train: option '--dry-run' cannot be used with option '--chaos <fault>'.",
		],
		[train, [], "train: missing required argument 'save_to'."],
		[train, ['', 'configs/mlp.gin'], 'train: The argument <save_to> is empty.'],
		[runs, ['lsit'], "runs: unknown command 'lsit'. Did you mean list?"],
		[runs, ['a\nb'], String.raw`runs: unknown command 'a\nb'.`],
		[runs, ['show', ''], 'runs: The argument <run> is empty.'],
		[runs, ['list', '--sort='], "runs: option '--sort <name>' argument '' is invalid. It must not be empty."],
		[report, ['results', '--out', ''], "report: option '--out <folder>' argument '' is invalid. It must not be empty."],
		[prepare, ['mnist', '--from', ''], "prepare: option '--from <path>' argument '' is invalid. It must not be empty."],
		[sync, ['x', '--exclude', ''], "sync: option '--exclude <pattern>' argument '' is invalid. It must not be empty."],
		[jobs, ['run', 'x', '-j', ''], "jobs: option '-j, --jobs <n>' argument '' is invalid. It must not be empty."],
	];
	for (const [program, words, said] of cases) {
		t.deepEqual(await outcome(program, ...words), { code: 2, out: '', err: `${said}\n` });
	}
});

test('a word longer than any path is shortened where it is quoted', async (t) => {
	const { code, err } = await outcome(runs, 'x'.repeat(100_000));
	t.is(code, 2);
	t.true(err.length < 1000);
});
