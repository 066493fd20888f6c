import type { Program } from './main.ts';
import { addReportOptions, type ReportOptions } from './report/options.ts';
import { searchRoot } from './runs/places.ts';

/** `bin/report.ts`: a report on the runs of any folders. */
export const report: Program = {
	name: 'report',
	define(command, io) {
		command
			.description('Report on the runs of folders: a table and a plot here, one page and two tables as files.')
			.argument('<folders...>', 'run folders, folders of them, or a variant of an experiment');
		addReportOptions(command).action(async (folders: string[], options: ReportOptions) => {
			const { writeReport } = await import('./report/write.ts');
			const roots = folders.map(searchRoot);
			// Several folders have no place of their own for the files.
			const out = options.files ? (options.out ?? (roots.length === 1 ? roots[0] : undefined)) : undefined;
			writeReport(roots, options, out, io);
		});
	},
};
