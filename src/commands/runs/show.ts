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
	const column = (name: string) =>
		history.texts(name).map((text) => {
			const value = toNumber(text);
			return text === '' ? null : value === undefined ? text : jsonNumber(value);
		});
	return {
		run,
		state,
		status: status === undefined ? null : { ...status, ...reached },
		config: config.values,
		config_hash: config.hash,
		history: Object.fromEntries(history.columns.map((name) => [name, column(name)])),
		metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, jsonNumber(value)])),
		problems,
	};
}

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
	const texts = history.columns.map((name) => history.texts(name).slice(first));
	const rows = Array.from({ length: history.length - first }, (_, row) =>
		texts.map((column) =>
			Number.isNaN(Number(column[row])) ? column[row]! : column[row] === '' ? '' : showFigure(Number(column[row])),
		),
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
