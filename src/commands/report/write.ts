import { join, relative } from 'node:path';
import { visibleJson } from '../../core/visible.ts';
import { makeFolder } from '../../files/atomic.ts';
import { replaceInside } from '../../files/writing.ts';
import { collect } from '../../reports/collect.ts';
import { groupsOf } from '../../reports/groups.ts';
import { htmlReport } from '../../reports/html.ts';
import {
	asCsv,
	asJsonRows,
	asLatex,
	asMarkdown,
	asText,
	groupTable,
	type ReportTable,
	runTable,
} from '../../reports/tables.ts';
import { terminalPlot } from '../../reports/terminal-plot.ts';
import { isDone } from '../../run/status.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import type { ReportFormat, ReportOptions } from './options.ts';

/** Reports on the runs of some folders: prints a table, and writes the files into `out` where it is given. */
export function writeReport(folders: readonly string[], options: ReportOptions, out: string | undefined, io: Io): void {
	const { metric, direction, baseline } = options;
	const collected = collect(folders, {
		...(metric === undefined ? {} : { metric }),
		...(direction === undefined ? {} : { direction }),
		...(baseline === undefined ? {} : { baseline }),
	});
	const groups = groupsOf(collected);
	const table = options.runs ? runTable(collected) : groupTable(collected, groups);
	const csv = (one: ReportTable) => asCsv(one, options.guardCells);
	io.stdout.write(options.format === 'csv' ? csv(table) : printed(table, options.format));
	const plot = options.format === 'text' ? terminalPlot(groups, collected.metric) : '';
	io.stdout.write(plot === '' ? '' : `\n${plot}`);
	for (const { label, state, reason, problems } of collected.runs) {
		if (state !== 'finished') {
			say(io, `${label}: ${state}${reason === '' ? '' : `: ${reason}`}`);
		}
		problems.forEach((problem) => void say(io, `${label}: ${problem}`));
	}
	collected.notices.forEach((notice) => void say(io, notice));
	collected.unread.forEach((problem) => void say(io, problem));
	if (collected.codeDifference !== undefined) {
		say(io, collected.codeDifference);
	}
	const finished = collected.runs.filter(({ state }) => isDone(state)).length;
	const limited = collected.runs.filter(({ state }) => state === 'partial').length;
	const partly = limited === 0 ? '' : `, ${limited} of them by a limit`;
	say(io, `${finished} of ${collected.runs.length} runs finished${partly}`);
	if (out !== undefined) {
		makeFolder(out);
		replaceInside(out, 'report.csv', csv(groupTable(collected, groups)));
		replaceInside(out, 'report-runs.csv', csv(runTable(collected)));
		replaceInside(out, 'report.html', htmlReport(collected, groups));
		say(io, `written: ${relative(process.cwd(), join(out, 'report.html')) || 'report.html'}`);
	}
}

function printed(table: ReportTable, format: Exclude<ReportFormat, 'csv'>): string {
	switch (format) {
		case 'json':
			return `${visibleJson(asJsonRows(table))}\n`;
		case 'markdown':
			return asMarkdown(table);
		case 'latex':
			return asLatex(table);
		case 'text':
			return table.rows.length === 0 ? '' : asText(table);
	}
}
