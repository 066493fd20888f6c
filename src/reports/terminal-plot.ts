import { visible } from '../core/visible.ts';
import { showFigure } from '../results/text-table.ts';
import type { Group } from './groups.ts';

const width = 48;

/** A line per group: its runs, its mean and the interval of the mean on a common axis. Empty where nothing has finished. */
export function terminalPlot(groups: readonly Group[], metric: string): string {
	const shown = groups.filter(({ spread }) => spread.n > 0 && Number.isFinite(spread.mean));
	if (shown.length === 0) {
		return '';
	}
	const ends = shown.flatMap(({ spread }) => [spread.min, spread.max, spread.low, spread.high].filter(Number.isFinite));
	const [low, high] = [Math.min(...ends), Math.max(...ends)];
	const place = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (width - 1)));
	const label = Math.max(...shown.map(({ title }) => visible(title).length));
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
	return `${visible(metric)}: mean and 95 % confidence interval\n${lines.map((line) => line.trimEnd()).join('\n')}\n${axis}\n`;
}
