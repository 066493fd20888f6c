import { readFileSync } from 'node:fs';
import type { Statement, Statements } from '../src/gin/ast.ts';
import { bindingsOf, parse } from '../src/gin/parser.ts';
import { visitValue } from '../src/gin/values.ts';
import { judgeReal } from '../test/conformance/realworld/judge.ts';

interface Case {
	readonly id: string;
	readonly accepted: boolean;
	readonly statements?: Readonly<Record<string, number>>;
	readonly references?: number;
	readonly evaluated_references?: number;
	readonly macro_uses?: number;
	readonly text: string;
}

// Checks that real .gin files are read or refused as recorded, and what production makes of those that gin accepts:
// `FILE.jsonl`, one case per line.
const [path] = process.argv.slice(2);
if (path === undefined) {
	console.error('usage: npm run conformance:realworld -- FILE.jsonl');
	process.exit(2);
}
const cases = readFileSync(path, 'utf8')
	.split('\n')
	.filter((line) => line.trim() !== '')
	.map((line) => JSON.parse(line) as Case);
let failed = 0;
for (const one of cases) {
	const differences = parsed(one);
	if (differences.length > 0) {
		failed++;
		console.log(`${one.id}: ${differences.join('; ')}`);
	}
}
console.log(`parser: ${cases.length - failed} passed, ${failed} failed`);
const accepted = cases.filter((one) => one.accepted);
const counts = { check: 0, meaning: 0, port: 0, misfits: 0 };
for (const { id, text } of accepted) {
	const judged = await judgeReal(text);
	counts.misfits += judged.misfits;
	for (const part of ['check', 'meaning', 'port'] as const) {
		counts[part] += judged[part].length === 0 ? 1 : 0;
		judged[part].forEach((line) => void console.log(`${id}: ${part}: ${line}`));
	}
}
const { check: sound, meaning, port, misfits } = counts;
console.log(
	`production, of ${accepted.length} accepted files: ${sound} pass check, ${meaning} keep their meaning through fmt and expand,`,
);
console.log(`  ${port} check as port prints them, where none of the ${misfits} statements that do not fit would`);
process.exitCode = failed > 0 || [sound, meaning, port].some((count) => count < accepted.length) ? 1 : 0;

function parsed({ id, accepted, text, ...wanted }: Case): string[] {
	const { statements, problems } = parse({ name: id, kind: 'file', text }, { extensions: false });
	if (!accepted || problems.length > 0) {
		return accepted === (problems.length === 0) ? [] : [accepted ? `refused: ${problems[0]?.message}` : 'not refused'];
	}
	const found = count(statements);
	const expected = {
		...wanted.statements,
		references: wanted.references ?? 0,
		evaluated_references: wanted.evaluated_references ?? 0,
		macro_uses: wanted.macro_uses ?? 0,
	};
	return Object.entries(expected).flatMap(([name, value]) => {
		const got = found.get(name) ?? 0;
		return got === value ? [] : [`${got} ${name}, not ${value}`];
	});
}

function count(statements: Statements<Statement>): Map<string, number> {
	const counts = new Map<string, number>();
	const add = (name: string, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by);
	for (const binding of bindingsOf(statements)) {
		add('binding');
		add('scoped_binding', binding.scope === '' ? 0 : 1);
	}
	for (const statement of statements) {
		if (statement.type === 'block') {
			add('block');
			add('binding_in_block', statement.bindings.length);
		} else if (statement.type === 'macro') {
			add('macro_definition');
		} else if (statement.type !== 'binding') {
			add(statement.type);
		}
	}
	const values = [...statements].flatMap((statement) =>
		statement.type === 'macro' ? [statement.value] : Array.from(bindingsOf([statement]), ({ value }) => value),
	);
	for (const value of values) {
		visitValue(value, (part) => {
			add('references', part.type === 'reference' && !part.evaluate ? 1 : 0);
			add('evaluated_references', part.type === 'reference' && part.evaluate ? 1 : 0);
			add('macro_uses', part.type === 'macro' ? 1 : 0);
		});
	}
	return counts;
}
