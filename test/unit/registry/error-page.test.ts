import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { codesOf, errorPage, examples } from '../../../scripts/error-page.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test.serial('the page of errors says what the programs say', async (t) => {
	t.is(readFileSync(`${root}docs/errors.md`, 'utf8'), await errorPage(), 'run: npx tsx scripts/error-page.ts');
});

for (const example of examples) {
	test.serial(`the example of ${example.code} makes that error`, async (t) => {
		t.true((await codesOf(example)).includes(example.code), String(await codesOf(example)));
	});
}

test('no code of the language is missing from the page', (t) => {
	const shown = new Set(examples.map(({ code }) => code));
	const codes = codesInSource();
	t.true(codes.length > 60);
	t.deepEqual(
		codes.filter((code) => !shown.has(code)),
		[],
	);
	t.deepEqual(
		// Those of files are other layers' too.
		[...shown].filter((code) => !code.startsWith('file.') && !codes.includes(code)),
		[],
	);
});

// Literal codes, those that the merge prefixes with `config.`, and those it forms from a statement's name.
function codesInSource(): string[] {
	const folders = ['src/gin', 'src/registry', 'src/commands', 'src/commands/config'];
	const files = folders.flatMap((folder) =>
		readdirSync(`${root}${folder}`, { recursive: folder !== 'src/commands', encoding: 'utf8' })
			.filter((name) => name.endsWith('.ts') && !(folder === 'src/gin' && name.startsWith('config/')))
			.filter((name) => folder !== 'src/commands' || ['list.ts', 'catalog.ts', 'config.ts'].includes(name))
			.map((name) => `${root}${folder}/${name}`),
	);
	const found = new Set<string>();
	for (const file of files) {
		const text = readFileSync(file, 'utf8');
		for (const [, code] of text.matchAll(/'((?:config|registry|list)\.[a-z_]+)'/gu)) {
			found.add(code!);
		}
		for (const [, code] of text.matchAll(/'((?:syntax\.|import\.gin_)[a-z_]+|recursion|unhashable_key)'/gu)) {
			found.add(`config.${code}`);
		}
	}
	for (const via of ['include', 'extends', 'use']) {
		found.add(`config.${via}_missing`);
		found.add(`config.${via}_cycle`);
	}
	// A file name in the programs, no code.
	found.delete('config.gin');
	return [...found].sort();
}
