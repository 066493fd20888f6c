/**
 * The test command: compile, type-check, lint, then every test (or those whose files are given as arguments).
 *
 * Prints failures in full and ends with `N passed, N failed`; compiling, the type check and the linter count as one test each.
 */
import { execa } from 'execa';

interface Tally {
	passed: number;
	failed: number;
	skipped: number;
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const root = new URL('..', import.meta.url).pathname;
const started = Date.now();

// Programs under test start from the build, as they do after an installation.
await runCheck('build', 'tsx', ['scripts/build.ts']);
await runCheck('types', 'tsc', ['--noEmit', '-p', '.']);
await runCheck('lint', 'biome', ['ci', '--error-on-warnings', '--colors=off']);
await runTests(process.argv.slice(2));

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
console.log(`took ${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed > 0 ? 1 : 0;

async function runCheck(title: string, command: string, args: string[]): Promise<void> {
	const result = await execa(command, args, { cwd: root, preferLocal: true, all: true, reject: false });
	report(title, result.exitCode === 0, result.all);
}

async function runTests(files: string[]): Promise<void> {
	const ava = execa('ava', ['--tap', ...files], { cwd: root, preferLocal: true, reject: false, buffer: false });
	let failing = false;
	let seen = 0;
	for await (const line of ava.iterable()) {
		const match = /^(not ok|ok) \d+ - (.*)$/u.exec(line);
		if (match !== null) {
			seen += 1;
			failing = match[1] === 'not ok' && !/# (?:SKIP|TODO)/iu.test(line);
			count(line, failing);
		}
		if (failing && !line.startsWith('1..')) {
			console.log(line);
		}
	}
	const { exitCode } = await ava;
	if (exitCode !== 0 && tally.failed === 0) {
		report(`ava (exit code ${exitCode} after ${seen} tests)`, false, 'AVA failed without a failing test: run npx ava.');
	}
}

function count(line: string, failed: boolean): void {
	if (/# (?:SKIP|TODO)/iu.test(line)) {
		tally.skipped += 1;
	} else if (failed) {
		tally.failed += 1;
	} else {
		tally.passed += 1;
	}
}

function report(title: string, passed: boolean, output: string): void {
	tally[passed ? 'passed' : 'failed'] += 1;
	console.log(`${passed ? 'ok' : 'not ok'} - ${title}`);
	if (!passed) {
		console.log(output);
	}
}
