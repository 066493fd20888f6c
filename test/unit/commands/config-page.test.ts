import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import test from 'ava';
import { config } from '../../../src/commands/config.ts';
import { type Io, run } from '../../../src/commands/main.ts';

const page = readFileSync(new URL('../../../docs/config.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'gimlet-page-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** A fenced block: its settings are `file=NAME`, `use=GROUP=CHOICE`, `env=NAME=VALUE` and last `show=LINE` or `expect=MESSAGE`. */
interface Block {
	readonly language: string;
	readonly text: string;
	readonly settings: ReadonlyMap<string, string>;
	readonly line: number;
}

const blocks: Block[] = Array.from(page.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gmu), (match) => {
	const settings = new Map<string, string>();
	const [, head = '', rest = ''] = /^((?:(?:file|use|env)=\S+ ?)*)(.*)$/u.exec(match[2]!) ?? [];
	for (const setting of [...head.split(' '), rest].filter((text) => text !== '')) {
		settings.set(setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1));
	}
	return { language: match[1]!, text: match[3]!, settings, line: page.slice(0, match.index).split('\n').length };
});

async function program(...args: string[]): Promise<{ code: number; out: string; err: string }> {
	const texts = { out: '', err: '' };
	const stream = (name: 'out' | 'err') =>
		new Writable({
			write(chunk, _, done) {
				texts[name] += String(chunk);
				done();
			},
		});
	const code = await run(config, args, { stdout: stream('out'), stderr: stream('err'), exitCode: 0 } as Io);
	return { code, ...texts };
}

test('the page has an example of everything that is not in gin', (t) => {
	const added = page.slice(page.indexOf('## Not in gin'), page.indexOf('## From TypeScript'));
	const sections = added.split(/^### /mu).slice(1);
	t.true(sections.length >= 9);
	for (const section of sections) {
		t.regex(section, /```gin .*(?:show|expect)=/u, section);
	}
});

for (const { language, text, settings, line } of blocks) {
	const name = settings.get('file');
	if (language === 'sh' || (language === 'ts' && name === undefined)) {
		continue;
	}
	test.serial(`docs/config.md:${line}`, async (t) => {
		const path = join(folder, name ?? `example-${line}.gin`);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		if (name !== undefined) {
			t.pass();
			return;
		}
		const [variable, value] = (settings.get('env') ?? '').split('=');
		if (value !== undefined) {
			process.env[variable!] = value;
		}
		const uses = settings.has('use') ? ['--use', settings.get('use')!] : [];
		const checked = await program('check', path, ...uses);
		const expected = settings.get('expect');
		if (expected !== undefined) {
			t.is(checked.code, 2);
			t.true(checked.err.includes(expected), checked.err);
			return;
		}
		t.deepEqual(checked, { code: 0, out: '', err: '' });
		const shown = await program('show', path, ...uses);
		t.true(shown.out.split('\n').includes(settings.get('show') ?? "train.dataset = 'digits'"), shown.out);
	});
}
