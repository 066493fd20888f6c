/** `npm run conformance -- FILE.jsonl`: runs recorded cases of gin and says which differ. */
import { readFileSync } from 'node:fs';
import type { Case } from '../test/conformance/case.ts';
import { differences } from '../test/conformance/compare.ts';
import { runCase } from '../test/conformance/run-case.ts';

const shownLines = 3;
const shownCharacters = 600;

const files = process.argv.slice(2);
if (files.length === 0) {
	process.stderr.write('usage: npm run conformance -- FILE.jsonl...\n');
	process.exitCode = 2;
} else {
	const counts = { passed: 0, failed: 0 };
	for (const file of files) {
		for (const line of readFileSync(file, 'utf8').split('\n')) {
			if (line.trim() !== '') {
				counts[run(JSON.parse(line) as Case) ? 'passed' : 'failed']++;
			}
		}
	}
	process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
	process.exitCode = counts.failed === 0 ? 0 : 1;
}

function run(one: Case): boolean {
	const found = attempt(one);
	if (found.length === 0) {
		return true;
	}
	const note = one.quirk === undefined ? '' : ` [recorded quirk: ${one.quirk}]`;
	const text = found.slice(0, shownLines).join('; ').slice(0, shownCharacters);
	process.stdout.write(`${one.id}${note}: ${text}\n`);
	return false;
}

function attempt(one: Case): string[] {
	try {
		return differences(one, runCase(one));
	} catch (error) {
		return [`the runner failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
	}
}
