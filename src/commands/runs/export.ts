import { UsageError } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import type { Fields } from '../../results/fields.ts';
import type { Io } from '../main.ts';
import { printJsonRows, say } from '../output.ts';
import { guardCells } from '../report/options.ts';
import type { DefineRuns } from '../runs.ts';
import { searchRoot } from './places.ts';
import { addSelection, type SelectionOptions, selectedRuns } from './selection.ts';

interface ExportOptions extends SelectionOptions {
	readonly history?: boolean;
	readonly guardCells?: boolean;
	readonly format: 'csv' | 'json';
}

/** `runs export`: tables for other programs. */
export const defineExport: DefineRuns = (command, io) => {
	const exporting = command
		.command('export')
		.description('Print one table of many runs: a row per run with its config and results, or a row per epoch.')
		.argument('[folder]', 'where to look (default: $RESULTS_DIR, else results/)')
		.option('--history', 'a row per run and epoch with every history column')
		.option('--guard-cells', guardCells)
		.option('--format <format>', 'csv or json', formatOf, 'csv');
	addSelection(exporting).action(async (folder: string | undefined, options: ExportOptions) => {
		const root = searchRoot(folder);
		const told = new Set<string>();
		const tell = (text: string) => {
			if (!told.has(text)) {
				say(io, text);
			}
			told.add(text);
		};
		const { selected } = await selectedRuns(root, options, tell);
		const table = options.history ? await epochs(root, selected, tell) : results(selected);
		if (options.format === 'json') {
			printJsonRows(io, table.rows());
		} else {
			await printCsv(io, table, options.guardCells === true);
		}
	});
};

/** A table whose rows are made one by one, however many there are. */
interface LongTable {
	readonly columns: ReadonlySet<string>;
	readonly rows: () => Iterable<ReadonlyMap<string, string>>;
}

function results(runs: readonly Fields[]): LongTable {
	return {
		columns: new Set(runs.flatMap((run) => run.names())),
		rows: function* () {
			for (const run of runs) {
				yield new Map(run.names().map((name) => [name, run.value(name)?.text ?? '']));
			}
		},
	};
}

async function epochs(root: string, runs: readonly Fields[], tell: (text: string) => void): Promise<LongTable> {
	const { columnsOf, loadH } = await import('../../results/history.ts');
	const folders = runs.map(({ row }) => ({ run: row.run, path: `${root}/${row.run}` }));
	return {
		columns: new Set(['run', ...folders.flatMap(({ path }) => columnsOf(path))]),
		rows: function* () {
			for (const { run, path } of folders) {
				const history = loadH(path);
				if (history.problem !== undefined) {
					tell(history.problem);
				}
				for (const cells of history.rows()) {
					yield new Map([['run', run], ...history.columns.map((name, at) => [name, cells[at]!] as const)]);
				}
			}
		},
	};
}

// In pieces: a table may be larger than the memory of the machine.
async function printCsv(
	{ stdout }: Pick<Io, 'stdout'>,
	{ columns, rows }: LongTable,
	isGuarded: boolean,
): Promise<void> {
	const { csvField, guardedCell } = await import('../../results/csv-cells.ts');
	const line = (cells: readonly string[]) =>
		cells.map((cell) => csvField(isGuarded ? guardedCell(visible(cell)) : visible(cell))).join(',');
	const names = [...columns];
	let waiting = `${line(names)}\n`;
	for (const row of rows()) {
		waiting += `${line(names.map((name) => row.get(name) ?? ''))}\n`;
		if (waiting.length > 2 ** 16) {
			stdout.write(waiting);
			waiting = '';
		}
	}
	stdout.write(waiting);
}

function formatOf(value: string): ExportOptions['format'] {
	if (value !== 'csv' && value !== 'json') {
		throw new UsageError('runs.format', `--format ${value}: it must be csv or json.`);
	}
	return value;
}
