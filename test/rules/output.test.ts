import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import test from 'ava';

const source = resolve('src');

/** What writes to the streams of the process, and escapes what it writes. */
const doors = new Set(['commands/output.ts', 'commands/failures.ts', 'commands/main.ts', 'data/split.ts']);

test('what is said to people goes through say, and JSON through visibleJson', (t) => {
	const found = readdirSync(source, { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.m?[jt]s$/u.test(name) && !doors.has(relative(source, join(source, name))))
		.flatMap((name) =>
			readFileSync(join(source, name), 'utf8')
				.split('\n')
				.filter((line) =>
					/console\.(?:log|error|warn|info)\(|stderr\.write\(|stdout\.write\(.*JSON\.stringify/u.test(line),
				)
				.map((line) => `${name}: ${line.trim()}`),
		);
	t.deepEqual(found, []);
});
