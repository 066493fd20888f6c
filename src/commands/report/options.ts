import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';

const formats = ['text', 'csv', 'json', 'markdown', 'latex'] as const;

export type ReportFormat = (typeof formats)[number];

/** Options of everything that reports. */
export interface ReportOptions {
	readonly format: ReportFormat;
	readonly runs?: boolean;
	readonly metric?: string;
	readonly direction?: 'max' | 'min';
	readonly baseline?: Readonly<Record<string, string>>;
	readonly out?: string;
	/** No cell of CSV is left that a spreadsheet would take for a formula. */
	readonly guardCells?: boolean;
	readonly files: boolean;
}

/** Adds `--format`, `--runs`, `--metric`, `--direction`, `--baseline`, `--out`, `--guard-cells` and `--no-files`. */
export function addReportOptions(command: Command): Command {
	return command
		.option('--format <format>', `what is printed: ${formats.join(', ')}`, formatOf, 'text')
		.option('--runs', 'print a row per run instead of one per group of seeds')
		.option(
			'--metric <column>',
			'the figure that decides, such as valid/accuracy, or valid/accuracy@best of the best checkpoint',
		)
		.option('--direction <max|min>', 'which way of it is better, where the runs do not record it', directionOf)
		.option(
			'--baseline <values>',
			'compare with this group: adam.learning_rate=0.001; "#" separates several',
			baselineOf,
		)
		.option('--out <folder>', 'where report.html, report.csv and report-runs.csv go (default: the folder itself)')
		.option('--guard-cells', guardCells)
		.option('--no-files', 'write no files');
}

/** What `--guard-cells` does, for those that print CSV. */
export const guardCells =
	'in CSV, put an apostrophe before texts that begin with = + - @, which spreadsheets take for formulas';

function formatOf(value: string): ReportFormat {
	const found = formats.find((format) => format === value);
	if (found === undefined) {
		throw new UsageError(
			'report.format',
			`--format ${value}: there is no such format.${didYouMean(value, formats)} There are: ${formats.join(', ')}.`,
		);
	}
	return found;
}

function directionOf(value: string): 'max' | 'min' {
	if (value !== 'max' && value !== 'min') {
		throw new UsageError('report.direction', `--direction ${value}: it must be max or min.`);
	}
	return value;
}

function baselineOf(value: string): Record<string, string> {
	const entries = value.split('#').map((part) => {
		const match = /^\s*([^\s=]+)\s*=\s*(.+?)\s*$/su.exec(part);
		if (match === null) {
			throw new UsageError(
				'report.baseline',
				`--baseline ${JSON.stringify(value)}: expected name=value, as in adam.learning_rate=0.001.`,
			);
		}
		return [match[1]!, match[2]!] as const;
	});
	return Object.fromEntries(entries);
}
