import { execFileSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { UsageError } from '../../../src/core/errors.ts';
import { shellQuote } from '../../../src/core/shell-quote.ts';
import { parseJobList } from '../../../src/jobs/list.ts';
import { plainWords } from '../../../src/jobs/shell/text.ts';

const commands = (text: string) => parseJobList(text).jobs.map(({ command }) => command);
const keys = (text: string) => parseJobList(text).jobs.map(({ key }) => key);

test('blank lines, comments and the first line are no jobs; lines and the shell are known', (t) => {
	const { jobs, shell } = parseJobList('#!/usr/bin/env bash\n# all of it\n\necho a # why\n   \n\techo b\r\n');
	t.is(shell, 'bash');
	t.deepEqual(
		jobs.map(({ command, line }) => [command, line]),
		[
			['echo a', 4],
			['echo b', 6],
		],
	);
});

test('a key is that of the meaning, wherever the line stands', (t) => {
	const [a, b] = keys('echo a\necho b');
	t.deepEqual(keys('# new\necho  b   # comment\n\necho \\\n  a'), [b, a]);
	t.not(keys("echo 'x  y'")[0], keys("echo 'x y'")[0]);
	t.regex(a!, /^[0-9a-f]{12}$/u);
});

test('a line that stands twice is two jobs', (t) => {
	const [a, b] = keys('echo a\necho a');
	t.not(a, b);
	t.is(keys('echo a')[0], a);
});

test('continued lines, quotes over lines and operators at the end belong together', (t) => {
	t.deepEqual(commands('echo a \\\n  b\necho "c\nd"\ntrue &&\n  false\n'), [
		'echo a   b',
		'echo "c\nd"',
		'true &&   false',
	]);
	t.deepEqual(commands("echo $'it\\'s' # x\necho it\\'s # y"), ["echo $'it\\'s'", "echo it\\'s"]);
	t.deepEqual(commands('echo a#b $#'), ['echo a#b $#']);
});

test('what only prepares the shell goes before the jobs that follow it', (t) => {
	const { jobs } = parseJobList("set -e\nexport A='x y'\nA=1 B=2\nrun $A\ncd sub\nA=1 run\nwait\nexit 0\n");
	t.deepEqual(
		jobs.map(({ command, setup }) => [command, setup]),
		[
			['run $A', "set -e\nexport A='x y'\nA=1 B=2\n"],
			['A=1 run', "set -e\nexport A='x y'\nA=1 B=2\ncd sub\n"],
		],
	);
	t.deepEqual(
		parseJobList('cd sub && make\ntest').jobs.map(({ command, setup }) => [command, setup]),
		[
			['cd sub && make', ''],
			['test', 'cd sub\n'],
		],
	);
});

test('a closing & is dropped, hidden lines are left out', (t) => {
	t.deepEqual(commands('sleep 1 &\na && b\nc 2>&1\nwait'), ['sleep 1', 'a && b', 'c 2>&1']);
	t.deepEqual(commands('# jobs: off\nfailed() {\n}\n# jobs: on\necho a'), ['echo a']);
});

test('what cannot be a job is refused with its line', (t) => {
	for (const [text, line] of [
		['echo a\nfor i in 1 2; do\necho $i\ndone', 2],
		['while read -r x; do\nrun $x\ndone <points', 1],
		['\necho "a', 2],
		['echo a\nif true', 2],
		['echo a )', 1],
		['cat <<EOF\nx\nEOF', 1],
	] as const) {
		const error = t.throws(() => parseJobList(text, 'b.sh'), { instanceOf: UsageError });
		t.true(error.message.startsWith(`b.sh:${line}:`), error.message);
	}
	t.deepEqual(commands('for i in 1 2; do echo $i; done\nif a; then b; fi\ncat <<<x'), [
		'for i in 1 2; do echo $i; done',
		'if a; then b; fi',
		'cat <<<x',
	]);
});

// What each comes to is bash's own answer.
test('preparation means what it means to a shell that runs the whole list', (t) => {
	for (const lines of [
		'V=$(pwd)',
		'V=$((2+3)); W=`echo $V`',
		'export V=$(echo 5 | tr 5 6)',
		'set -e; V=1',
		'eval "V=3"',
		'cd / && export V=2',
		`V=(a "b c" d); V=\${V[1]}`,
		'f() {\n\tV=$1 # from a function\n\tcd /\n}\nf 4',
		'if [ -d / ]; then\n\tV=there\nelse\n\tV=no\nfi',
		'for i in 1 2; do V+=$i; done',
		'case $PWD in /) V=root ;; *) V=other ;; esac',
		`: "\${V:=default}"\n((W = 2 * 3))`,
		"read -r V W <<<'x  y'\ntrue && { V+=z; }",
		'V="a\nb"\nV=1 true',
		'cd "$(dirname "$0")" || { echo lost; exit 1; }\nprintf -v V %s q',
		'V=1\n(V=2)\nV=3 &\nwait',
	]) {
		const list = `${lines}\necho "v=$V w=$W $PWD"\n`;
		const { jobs } = parseJobList(list);
		const { setup, command } = jobs.at(-1)!;
		const run = (text: string) => execFileSync('bash', ['-c', text, '/tmp/list.sh'], { encoding: 'utf8' });
		t.is(run(`${setup}${command}`), run(list), lines);
	}
});

test('what cannot be prepared before each job is refused with the reason', (t) => {
	for (const [text, line, why] of [
		['D=$(date +%F)\nrun', 1, /"date" would run again before each job/u],
		['T=`mktemp -d`\nrun', 1, /"mktemp"/u],
		['export S=$RANDOM\nrun', 1, /RANDOM would have another value/u],
		[`. "$(dirname "\${BASH_SOURCE[0]}")/env.sh"\nrun`, 1, /"\$0" is the list/u],
		['eval "$X"\nrun', 1, /eval/u],
		['exec >log\nrun', 1, /exec without a command/u],
		["trap 'rm x' EXIT\nrun", 1, /at the end of each job/u],
		['run a\nkill $!', 2, /\$! is about the line before/u],
		['run a\n[ $? = 0 ] && run b', 2, /\$\? is about the line before/u],
		['run a; code=$?\nrun $code', 2, /needs \$code, which line 1 sets/u],
		['for d in a b; do cd $d; run; cd ..; done\nrun', 2, /line 1 changes its shell \(cd\)/u],
		['run\nexit\nrun', 3, /line 2 ends the list/u],
	] as const) {
		const error = t.throws(() => parseJobList(text, 'b.sh'), { instanceOf: UsageError });
		t.true(error.message.startsWith(`b.sh:${line}:`), error.message);
		t.regex(error.message, why);
	}
	t.is(
		commands('run a; code=$?; test $code = 0\nfor d in a; do run $d; done\nfor d in b; do run $d; done\nexit').length,
		3,
	);
	t.is(commands("(cd x; run)\ncd x && run &\nsh -c 'run $code'; code=$?\nsh -c 'echo $code $?'").length, 4);
});

test('names are readable and distinct', (t) => {
	const [a, b] = parseJobList(
		'bin/train.ts results/lr=0.1 cnn.gin -b "a=1"\nbin/train.ts results/lr=0.1 cnn.gin -b "a=2"',
	).jobs;
	t.regex(a!.name, /^train-lr=0\.1-cnn\.gin-[0-9a-f]{12}$/u);
	t.not(a!.name, b!.name);
});

test('plain words are those that were quoted', (t) => {
	fc.assert(
		fc.property(
			fc.array(fc.string({ minLength: 0, maxLength: 12, unit: 'grapheme-ascii' }), { minLength: 1 }),
			(words) => {
				t.deepEqual(plainWords(words.map(shellQuote).join('  ')) ?? words, words);
			},
		),
	);
	t.deepEqual(plainWords(`bin/train.ts out 'a b' "c d"'e'`), ['bin/train.ts', 'out', 'a b', 'c de']);
	for (const command of ['a | b', 'a $B', 'a; b', 'a > b', 'a *', 'a "$b"', 'a `b`', '~/a', 'a {b,c}', 'a &']) {
		t.is(plainWords(command), undefined, command);
	}
});

test('a quoted list means the same however it is broken up', (t) => {
	const word = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }).map((text) => `w${text}`);
	fc.assert(
		fc.property(fc.array(fc.array(word, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (lines) => {
			const plain = lines.map((words) => ['run', ...words].map(shellQuote).join(' '));
			const broken = lines.map((words) => ['run', ...words].map(shellQuote).join(' \\\n  '));
			t.deepEqual(keys(broken.join('\n\n# comment\n')), keys(plain.join('\n')));
		}),
	);
});
