import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

/** What works on data, rows, runs and files; a config's statements are in the other folders. */
const folders = [
	...['train', 'data', 'datasets', 'transforms', 'losses', 'metrics', 'optimizers', 'schedules', 'callbacks', 'models'],
	...['run', 'results', 'reports', 'experiments', 'jobs', 'commands', 'files'],
];

/** What works on the words of a line, or the lines of a config. */
const ofWords = ['jobs/shell/', 'jobs/preparation.ts', 'commands/config/', 'commands/train.ts'];

// Each item becomes an argument, and of arguments there is room for some hundred thousand on the stack.
const spread =
	/(?:Math\.(?:min|max|hypot)|\.(?:push|unshift|splice)|String\.from(?:CharCode|CodePoint))\((?:[^()]*, ?)?\.\.\./u;

test('no list that grows with the data is spread over the arguments of a function', (t) => {
	const found = folders.flatMap((folder) =>
		readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' })
			.filter((name) => /\.m?[jt]s$/u.test(name) && !ofWords.some((words) => `${folder}/${name}`.startsWith(words)))
			.flatMap((name) =>
				readFileSync(join('src', folder, name), 'utf8')
					.split('\n')
					.filter((line) => spread.test(line))
					.map((line) => `${folder}/${name}: ${line.trim()}`),
			),
	);
	t.deepEqual(found, [], 'use src/core/extremes.ts, or a loop');
});
