import test from 'ava';
import { Hints } from '../../../src/registry/hints.ts';

test('a near name is suggested', (t) => {
	const hints = new Hints();
	t.is(
		hints.didYouMean('lerning_rate', 'macros', () => ['learning_rate', 'width']),
		' Did you mean "learning_rate"?',
	);
	t.is(
		hints.didYouMean('zzz', 'macros', () => ['learning_rate', 'width']),
		'',
	);
});

test('many unknown names among many known ones end: the first are helped, and always alike', (t) => {
	const hints = new Hints();
	const known = Array.from({ length: 100_000 }, (_, index) => `name_${index}`);
	let asked = 0;
	const suggest = (index: number) =>
		hints.didYouMean(`nama_${index}`, 'macros', () => {
			asked++;
			return known;
		});
	const first = suggest(7);
	for (let index = 0; index < 1000; index++) {
		suggest(index);
	}
	t.true(first.startsWith(' Did you mean "name_7"'));
	t.is(suggest(7), first);
	t.true(asked < 100, `the known names were compared ${asked} times`);
});
