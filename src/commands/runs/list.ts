import type { Fields } from '../../results/fields.ts';
import { printJson, say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { searchRoot } from './places.ts';
import { addSelection, type SelectionOptions, selectedRuns } from './selection.ts';

interface ListOptions extends SelectionOptions {
	readonly columns?: readonly string[];
	readonly json?: boolean;
}

/** `runs list`: a line per run. */
export const defineList: DefineRuns = (command, io) => {
	const list = command
		.command('list')
		.description('List the runs of a folder tree with their states as they are now.')
		.argument('[folder]', 'where to look (default: $RESULTS_DIR, else results/)')
		.option('--columns <names>', 'what to show, separated by commas: columns, metrics, config values', (text) =>
			text.split(',').map((name) => name.trim()),
		)
		.option('--json', 'print JSON, one object per run');
	addSelection(list).action(async (folder: string | undefined, options: ListOptions) => {
		const root = searchRoot(folder);
		const { selected, all } = await selectedRuns(root, options, (text) => say(io, text));
		if (options.columns !== undefined) {
			const { requireKnown } = await import('../../results/select.ts');
			requireKnown(
				all,
				options.columns.filter((name) => name !== 'age'),
			);
		}
		if (options.json) {
			const { jsonRow } = await import('./json-row.ts');
			const rows = selected.map((run) => jsonRow(root, run, options.columns));
			printJson(io, rows);
			return;
		}
		if (selected.length > 0) {
			io.stdout.write(await table(selected, options.columns));
		}
		say(io, summary(selected));
	});
};

async function table(runs: readonly Fields[], wanted: readonly string[] | undefined): Promise<string> {
	const { showAge, showFigure, textTable } = await import('../../results/text-table.ts');
	const now = Date.now();
	const columns = [
		'run',
		...(wanted ?? ['state', 'epoch', 'age', ...usualMetrics(runs), ...reasonColumn(runs)]).filter(
			(name) => name !== 'run',
		),
	];
	const show = (run: Fields, name: string) => {
		if (name === 'age') {
			return showAge(run.row.updated, now);
		}
		const value = run.value(name);
		return value === undefined ? '' : value.number === undefined ? value.text : showFigure(value.number);
	};
	return textTable(
		columns,
		runs.map((run) => columns.map((name) => show(run, name))),
	);
}

// Which limit or callback ended a run before its last epoch is worth a column.
function reasonColumn(runs: readonly Fields[]): string[] {
	const isCut = ({ row: { state, reason } }: Fields) => state === 'partial' || (state === 'finished' && reason !== '');
	return runs.some(isCut) ? ['reason'] : [];
}

// Figures of merit before losses, the test before validation.
function usualMetrics(runs: readonly Fields[]): string[] {
	const counts = new Map<string, number>();
	for (const { row } of runs) {
		for (const name of Object.keys(row.metrics)) {
			if (/^(?:test|valid)\/[^@]+$/u.test(name)) {
				counts.set(name, (counts.get(name) ?? 0) + 1);
			}
		}
	}
	const rank = (name: string) => (name.endsWith('/loss') ? 2 : 0) + (name.startsWith('test/') ? 0 : 1);
	return [...counts.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, 2);
}

function summary(runs: readonly Fields[]): string {
	const counts = new Map<string, number>();
	for (const { row } of runs) {
		counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
	}
	const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([state, count]) => `${count} ${state}`);
	return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}
