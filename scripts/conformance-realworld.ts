import { readFileSync } from 'node:fs';
import type { Statement, Statements } from '../src/gin/ast.ts';
import { bindingsOf, parse } from '../src/gin/parser.ts';
import { visitValue } from '../src/gin/values.ts';

interface Case {
	readonly id: string;
	readonly accepted: boolean;
	readonly statements?: Readonly<Record<string, number>>;
	readonly references?: number;
	readonly evaluated_references?: number;
	readonly macro_uses?: number;
	readonly text: string;
}

// Checks that real .gin files are read or refused as recorded: `FILE.jsonl`, one case per line.
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
	const differences = check(one);
	if (differences.length > 0) {
		failed++;
		console.log(`${one.id}: ${differences.join('; ')}`);
	}
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function check({ id, accepted, text, ...wanted }: Case): string[] {
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
