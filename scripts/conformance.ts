/**
 * `npm run conformance -- FILE.jsonl...`: runs recorded cases of gin and says which differ, through the host of the cases,
 * which imitates Python on gimlet's model of bindings, and through production, which is what programs use.
 *
 * `--write` puts what production does on purpose in another way into docs/gin-deviations.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Case } from '../test/conformance/case.ts';
import { differences } from '../test/conformance/compare.ts';
import { type Judged, judge } from '../test/conformance/production/judge.ts';
import { deviationPage, isUpToDate } from '../test/conformance/production/page.ts';
import { runCase } from '../test/conformance/run-case.ts';

const shownLines = 3;
const shownCharacters = 600;
const page = new URL('../docs/gin-deviations.md', import.meta.url);

const writes = process.argv.includes('--write');
const files = process.argv.slice(2).filter((word) => word !== '--write');
if (files.length === 0) {
	process.stderr.write('usage: npm run conformance -- FILE.jsonl... [--write]\n');
	process.exitCode = 2;
} else {
	const cases = files.flatMap((file) =>
		readFileSync(file, 'utf8')
			.split('\n')
			.filter((line) => line.trim() !== '')
			.map((line) => JSON.parse(line) as Case),
	);
	const failedHost = cases.filter((one) => !passes(one)).length;
	const judged: Judged[] = [];
	for (const one of cases) {
		judged.push(await judge(one));
	}
	const undeclared = judged.filter(({ verdict }) => verdict === 'differs');
	for (const { id, texts } of undeclared) {
		report(id, texts);
	}
	process.stdout.write(`host: ${cases.length - failedHost} passed, ${failedHost} failed\n${summary(judged)}`);
	process.exitCode = failedHost + undeclared.length === 0 ? 0 : 1;
	if (writes) {
		writeFileSync(page, deviationPage(readFileSync(page, 'utf8'), judged));
	} else if (!isUpToDate(readFileSync(page, 'utf8'), judged)) {
		process.stdout.write('docs/gin-deviations.md lists others for these files; --write puts these into it\n');
	}
}

function passes(one: Case): boolean {
	const found = attempt(one);
	if (found.length > 0) {
		report(`host: ${one.id}${one.quirk === undefined ? '' : ` [recorded quirk: ${one.quirk}]`}`, found);
	}
	return found.length === 0;
}

function attempt(one: Case): string[] {
	try {
		return differences(one, runCase(one));
	} catch (error) {
		return [`the runner failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
	}
}

function report(id: string, found: readonly string[]): void {
	process.stdout.write(`${id}: ${found.slice(0, shownLines).join('; ').slice(0, shownCharacters)}\n`);
}

function summary(judged: readonly Judged[]): string {
	const count = (verdict: Judged['verdict']) => judged.filter((one) => one.verdict === verdict).length;
	const [declared, none, differing] = [count('declared'), count('nothing to compare'), count('differs')];
	const compared = judged.length - none;
	const share = compared === 0 ? 0 : (100 * declared) / compared;
	return (
		`production: ${compared - differing} passed, ${differing} failed\n` +
		`  of these ${declared} differ as docs/gin-deviations.md declares (${share.toFixed(1)} % of ${compared} compared); ${none} cases ask nothing of production\n`
	);
}
