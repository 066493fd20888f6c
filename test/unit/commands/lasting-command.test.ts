import test from 'ava';
import { lastingCommand } from '../../../src/commands/training/lasting-command.ts';

test('what would start another run, or break this one again, is left out', (t) => {
	const words = [
		'--force-new',
		'r',
		'a.gin',
		'--chaos',
		'kill@step=3',
		'-b',
		'x.y=1',
		'--chaos=stop@step=4',
		'--steal',
	];
	t.deepEqual(lastingCommand(words, 'r', 'r'), ['r', 'a.gin', '-b', 'x.y=1']);
});

test('the folder that the program chose stands in place of the one it lies in', (t) => {
	t.deepEqual(lastingCommand(['results/n', '--auto', 'a.gin'], 'results/n', 'results/n/version_3'), [
		'results/n/version_3',
		'a.gin',
	]);
});
