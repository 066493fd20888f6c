import { UsageError } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import type { Fields } from '../../results/fields.ts';
import { printJson, say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { searchRoot } from './places.ts';
import { addSelection, type SelectionOptions, selectedRuns } from './selection.ts';

interface ExportOptions extends SelectionOptions {
	readonly history?: boolean;
	readonly format: 'csv' | 'json';
}

/** `runs export`: tables for other programs. */
export const defineExport: DefineRuns = (command, io) => {
	const exporting = command
		.command('export')
		.description('Print one table of many runs: a row per run with its config and results, or a row per epoch.')
		.argument('[folder]', 'where to look (default: $RESULTS_DIR, else results/)')
		.option('--history', 'a row per run and epoch with every history column')
		.option('--format <format>', 'csv or json', formatOf, 'csv');
	addSelection(exporting).action(async (folder: string | undefined, options: ExportOptions) => {
		const root = searchRoot(folder);
		const { selected } = await selectedRuns(root, options, (text) => say(io, text));
		const rows = options.history
			? await epochs(root, selected)
			: selected.map((run) => Object.fromEntries(run.names().map((name) => [name, run.value(name)!.text])));
		const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
		if (options.format === 'json') {
			printJson(io, rows);
			return;
		}
		const { stringify } = await import('csv-stringify/sync');
		io.stdout.write(
			stringify(
				[columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map((row) => row.map(visible)),
			),
		);
	});
};

async function epochs(root: string, runs: readonly Fields[]): Promise<Array<Record<string, string>>> {
	const { loadH } = await import('../../results/history.ts');
	return runs.flatMap(({ row }) => {
		const history = loadH(`${root}/${row.run}`);
		const columns = history.columns.map((name) => [name, history.texts(name)] as const);
		return Array.from({ length: history.length }, (_, at) => ({
			run: row.run,
			...Object.fromEntries(columns.map(([name, texts]) => [name, texts[at]!])),
		}));
	});
}

function formatOf(value: string): ExportOptions['format'] {
	if (value !== 'csv' && value !== 'json') {
		throw new UsageError('runs.format', `--format ${value}: it must be csv or json.`);
	}
	return value;
}
