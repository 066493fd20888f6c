import { visible } from '../../core/visible.ts';
import type { RunResults } from '../../results/run-results.ts';
import { printJson } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { runFolder } from './places.ts';

/** `runs show`: one run in full. */
export const defineShow: DefineRuns = (command, io) => {
	command
		.command('show')
		.description('Show the state, config, history and results of a run, also while it trains.')
		.argument('<run>', 'a run folder, or its name inside the results folder')
		.option('--json', 'print JSON: status, config, history by column, metrics')
		.action(async (name: string, options: { readonly json?: boolean }) => {
			const { loadHC } = await import('../../results/run-results.ts');
			const results = loadHC(runFolder(name));
			if (options.json) {
				printJson(io, await asJson(results));
			} else {
				io.stdout.write(await asText(results));
			}
		});
};

async function asJson({
	run,
	state,
	status,
	reached,
	config,
	history,
	metrics,
	problems,
}: RunResults): Promise<object> {
	const { jsonNumber } = await import('./json-row.ts');
	const { toNumber } = await import('../../run/table.ts');
	const cell = (text: string) => {
		const value = toNumber(text);
		return text === '' ? null : value === undefined ? text : jsonNumber(value);
	};
	const columns = history.columns.map((): ReturnType<typeof cell>[] => []);
	const isShort = history.length * history.columns.length <= mostCells;
	for (const cells of history.rows(isShort ? 0 : history.length)) {
		cells.forEach((text, at) => void columns[at]!.push(cell(text)));
	}
	const omitted = `history.csv has ${history.length} rows, too many for JSON: runs export --history prints them`;
	return {
		run,
		state,
		status: status === undefined ? null : { ...status, ...reached },
		config: config.values,
		config_hash: config.hash,
		history: Object.fromEntries(history.columns.map((name, at) => [name, columns[at]])),
		metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, jsonNumber(value)])),
		problems: isShort ? problems : [...problems, omitted],
	};
}

/** Of a longer history every cell would have to be in memory. */
const mostCells = 2_000_000;

const shownEpochs = 5;

async function asText({
	run,
	state,
	status,
	reached,
	config,
	history,
	metrics,
	problems,
}: RunResults): Promise<string> {
	const { showFigure, textTable } = await import('../../results/text-table.ts');
	const pairs = (entries: ReadonlyArray<readonly [string, string]>) => {
		const shown = entries.map(([name, value]) => [visible(name), visible(value)] as const);
		const width = shown.reduce((most, [name]) => Math.max(most, name.length), 0);
		return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
	};
	const about: Array<readonly [string, string]> = [
		['run', run],
		['state', status?.reason ? `${state} (${status.reason})` : state],
		['epoch', status === undefined ? '?' : `${reached.epoch}, step ${reached.step}`],
		['created', status?.created ?? '?'],
		['updated', status?.updated ?? '?'],
	];
	const first = Math.max(0, history.length - shownEpochs);
	const rows = Array.from(history.rows(first), (cells) =>
		cells.map((cell) => (cell === '' || Number.isNaN(Number(cell)) ? cell : showFigure(Number(cell)))),
	);
	const sections = [
		pairs(about),
		pairs(Object.entries(metrics).map(([name, value]) => [name, showFigure(value)] as const)),
		rows.length === 0 ? '' : textTable(history.columns, rows),
		pairs(Object.entries(config.texts)),
		problems.map((problem) => `problem: ${visible(problem)}\n`).join(''),
	];
	return sections.filter((section) => section !== '').join('\n');
}
