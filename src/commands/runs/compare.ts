import { own } from '../../core/own.ts';
import { visibleJson } from '../../core/visible.ts';
import type { RunCode } from '../../results/run-code.ts';
import type { RunResults } from '../../results/run-results.ts';
import { say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { runFolder } from './places.ts';

/** `runs compare`: what differs between runs, config and results. */
export const defineCompare: DefineRuns = (command, io) => {
	command
		.command('compare')
		.description('Compare runs: the config values that differ, then the results, a column per run.')
		.argument('<runs...>', 'two or more run folders')
		.option('--json', 'print JSON')
		.action(async (names: string[], options: { readonly json?: boolean }) => {
			const [{ loadHC }, { differingKeys }, { differingCode, sayDifferingCode }] = await Promise.all([
				import('../../results/run-results.ts'),
				import('../../results/differing.ts'),
				import('../../results/run-code.ts'),
			]);
			const runs = names.map((name) => loadHC(runFolder(name)));
			for (const { run, problems } of runs) {
				problems.forEach((problem) => void say(io, `${run}: ${problem}`));
			}
			const codes = runs.map(({ code }) => code);
			const said = sayDifferingCode(codes);
			if (said !== undefined) {
				say(io, said);
			}
			const { kinds } = differingCode(codes);
			const keys = differingKeys(runs.map(({ config }) => config));
			io.stdout.write(options.json ? await asJson(runs, keys, kinds) : await asText(runs, keys, kinds));
		});
};

type Kinds = ReadonlyArray<keyof RunCode['shown']>;

async function asJson(runs: readonly RunResults[], keys: readonly string[], kinds: Kinds): Promise<string> {
	const { jsonNumber } = await import('./json-row.ts');
	const shown = runs.map(({ run, state, config, metrics, code }) => ({
		run,
		state,
		...Object.fromEntries(kinds.map((kind) => [kind, code?.shown[kind] ?? null])),
		config: Object.fromEntries(keys.map((key) => [key, own(config.values, key) ?? null])),
		metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, jsonNumber(value)])),
	}));
	return `${visibleJson(shown)}\n`;
}

async function asText(runs: readonly RunResults[], keys: readonly string[], kinds: Kinds): Promise<string> {
	const { showFigure, textTable } = await import('../../results/text-table.ts');
	const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].filter(
		(name) => name.includes('/') && !name.startsWith('time/'),
	);
	const rows = [
		['state', ...runs.map(({ state }) => state)],
		...kinds.map((kind) => [kind, ...runs.map(({ code }) => code?.shown[kind] ?? '-')]),
		...keys.map((key) => [key, ...runs.map(({ config }) => own(config.texts, key) ?? '-')]),
		...metrics.map((name) => [
			name,
			...runs.map((run) => (run.metrics[name] === undefined ? '-' : showFigure(run.metrics[name]))),
		]),
	];
	return textTable(['', ...runs.map(({ run }) => run)], rows);
}
