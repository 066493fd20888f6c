import { execFileSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { operand, typedCommand } from '../../../src/core/shell-quote.ts';
import { visible, visibleJson, visibleLines } from '../../../src/core/visible.ts';

const hidden = /(?![\ufe0e\ufe0f])[\p{C}\p{Zl}\p{Zp}]/u;

test('what a terminal obeys or hides is written as an escape', (t) => {
	t.is(visible('a\x1b]0;x\x07\x9b31m\x7f'), String.raw`a\x1b]0;x\x07\x9b31m\x7f`);
	t.is(visible('a\nb\r\tc'), String.raw`a\nb\r\tc`);
	t.is(
		visible('\u202e\u2066\u200b\u200f\u061c\u2028\ufeff\u00ad\u3164'),
		String.raw`\u202e\u2066\u200b\u200f\u061c\u2028\ufeff\xad\u3164`,
	);
	t.is(visible('\ud800x\u{e0041}'), String.raw`\ud800x\u{e0041}`);
	t.is(visibleLines('a\n\tb\x1b\r\n'), 'a\n\tb\\x1b\\r\n');
});

test('text of any script stays as it is, emoji with their looks included', (t) => {
	const text = 'Größe "x" 日本語 שלום مرحبا हिन्दी ❤️ 😀 1e-3 \\n';
	t.is(visible(text), text);
});

test('no text of any kind hides anything, and JSON reads back the same', (t) => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
			t.notRegex(visible(text).replaceAll(/\p{Cn}|\p{Co}/gu, ''), hidden);
			t.is(visible(visible(text)), visible(text));
			t.deepEqual(JSON.parse(visibleJson({ [text]: [text] })), { [text]: [text] });
			t.notRegex(visibleJson({ [text]: [text] }, '').replaceAll(/\p{Cn}|\p{Co}/gu, ''), hidden);
		}),
	);
});

test('a command that is shown is one line, and a shell reads the same words from it', (t) => {
	const words = [
		'printf',
		'%s\\0',
		'a b',
		"it's",
		'$HOME',
		'~',
		'*',
		'',
		'a\nb',
		'\x1b[2J',
		"\u202e'\\",
		'\x01f',
		'ü',
		'-x',
		'#',
		'!',
	];
	const line = typedCommand(words);
	t.is(visible(line), line);
	const read = execFileSync('bash', ['-c', line]).toString().split('\0').slice(0, -1);
	t.deepEqual(read, words.slice(2));
	t.is(typedCommand(['bin/train.ts', 'results/a', 'x.gin']), 'bin/train.ts results/a x.gin');
	t.is(typedCommand(['a=b', 'c']), "'a=b' c");
	t.deepEqual(['-r', '--', 'a'].map(operand), ['./-r', './--', 'a']);
});
