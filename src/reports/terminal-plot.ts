import { largest, smallest } from '../core/extremes.ts';
import { visible } from '../core/visible.ts';
import { titleOf } from '../results/columns.ts';
import { showFigure } from '../results/text-table.ts';
import type { Group } from './groups.ts';

const widest = 48;
// With the label before it and the mean behind it, a line fits a terminal of 80 columns where that leaves room.
const terminal = 79;

/** A line per group: its runs, its mean and the interval of the mean on a common axis. Empty where nothing has finished. */
export function terminalPlot(groups: readonly Group[], metric: string): string {
	const shown = groups.filter(({ spread }) => spread.n > 0 && Number.isFinite(spread.mean));
	if (shown.length === 0) {
		return '';
	}
	const ends = shown.flatMap(({ spread }) => [spread.min, spread.max, spread.low, spread.high].filter(Number.isFinite));
	const [low, high] = [smallest(ends), largest(ends)];
	const label = longest(shown.map(({ title }) => visible(title)));
	const room = terminal - label - longest(shown.map(({ spread }) => showFigure(spread.mean))) - 4;
	const width = Math.min(widest, Math.max(16, room));
	const place = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (width - 1)));
	const lines = shown.map(({ title, spread }) => {
		const cells = Array.from({ length: width }, () => ' ');
		if (Number.isFinite(spread.low)) {
			cells.fill('─', place(spread.low), place(spread.high) + 1);
			cells[place(spread.low)] = '├';
			cells[place(spread.high)] = '┤';
		}
		cells[place(spread.mean)] = '●';
		return `${visible(title).padEnd(label)}  ${cells.join('')}  ${showFigure(spread.mean)}`;
	});
	const left = showFigure(low);
	const axis = `${' '.repeat(label)}  ${left}${showFigure(high).padStart(width - left.length)}`;
	return `${visible(titleOf(metric))}: mean and 95 % confidence interval\n${lines.map((line) => line.trimEnd()).join('\n')}\n${axis}\n`;
}

function longest(texts: readonly string[]): number {
	return texts.reduce((most, { length }) => Math.max(most, length), 0);
}
