import { largest, smallest } from '../core/extremes.ts';
import { showFigure } from '../results/text-table.ts';
import type { Collected } from './collect.ts';
import { escapeHtml } from './escape-html.ts';
import { figureOf, type Group } from './groups.ts';

const width = 640;
const height = 280;
const margin = { left: 64, right: 16, top: 12, bottom: 44 };

/**
 * The deciding figure over one swept axis as an SVG: a dot per run, a bar per group for the interval of its mean. Numbers
 * stand at their places (on a logarithmic scale where they span more than a factor of 30), other values side by side.
 */
export function axisPlot(axis: string, groups: readonly Group[], { metric }: Collected): string {
	const shown = groups.filter(({ spread }) => spread.n > 0 && Number.isFinite(spread.mean));
	if (shown.length === 0) {
		return '';
	}
	const dots = shown.flatMap((group) =>
		group.runs.flatMap((run) => {
			const value = figureOf(run, metric);
			return value === undefined || !Number.isFinite(value) ? [] : [{ x: group.axes[axis]!, value, label: run.label }];
		}),
	);
	const place = scaleOf([...new Set(shown.map(({ axes }) => axes[axis]!))]);
	const ends = [
		...dots.map(({ value }) => value),
		...shown.flatMap(({ spread }) => [spread.low, spread.high].filter(Number.isFinite)),
	];
	const [low, high] = padded(smallest(ends), largest(ends));
	const y = (value: number) =>
		fixed(margin.top + ((high - value) / (high - low)) * (height - margin.top - margin.bottom));
	const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low));
	const lines = ticks.map(
		(tick) =>
			`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" text-anchor="end" x="${margin.left - 8}" y="${y(tick)}" dy="4">${showFigure(Number(tick.toPrecision(4)))}</text>`,
	);
	const labels = place.labels.map(
		({ text, x }) =>
			`<text class="tick" text-anchor="middle" x="${fixed(x)}" y="${height - margin.bottom + 20}">${escapeHtml(text)}</text>`,
	);
	const marks = [
		...dots.map(
			({ x, value, label }) =>
				`<circle class="run" cx="${fixed(place.x(x))}" cy="${y(value)}" r="3"><title>${escapeHtml(`${label}: ${showFigure(value)}`)}</title></circle>`,
		),
		...shown.map(({ axes, spread, title }) => {
			const x = fixed(place.x(axes[axis]!));
			const bar = Number.isFinite(spread.low)
				? `<line class="interval" x1="${x}" x2="${x}" y1="${y(spread.low)}" y2="${y(spread.high)}"/>`
				: '';
			return `${bar}<circle class="mean" cx="${x}" cy="${y(spread.mean)}" r="5"><title>${escapeHtml(`${title}: mean ${showFigure(spread.mean)}`)}</title></circle>`;
		}),
	];
	const name = `<text class="tick" text-anchor="middle" x="${width / 2}" y="${height - 6}">${escapeHtml(axis)}</text>`;
	return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${metric} by ${axis}`)}">${[...lines, ...labels, ...marks, name].join('')}</svg>`;
}

interface Scale {
	readonly x: (text: string) => number;
	readonly labels: ReadonlyArray<{ readonly text: string; readonly x: number }>;
}

function scaleOf(values: readonly string[]): Scale {
	const left = margin.left + 24;
	const span = width - margin.right - 24 - left;
	const numbers = values.map(Number);
	if (values.length > 1 && values.every((text, at) => text !== '' && Number.isFinite(numbers[at]))) {
		const [low, high] = [smallest(numbers), largest(numbers)];
		const isLog = low > 0 && high / low > 30;
		const part = (value: number) =>
			isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
		const x = (text: string) => left + part(Number(text)) * span;
		return {
			x,
			labels: spaced([...values].sort((a, b) => Number(a) - Number(b)).map((text) => ({ text, x: x(text) }))),
		};
	}
	const x = (text: string) => left + ((values.indexOf(text) + 0.5) / values.length) * span;
	return {
		x,
		labels: spaced(values.map((text) => ({ text: text.length > 18 ? `${text.slice(0, 17)}…` : text, x: x(text) }))),
	};
}

// Labels that would run into each other are left out.
function spaced<T extends { readonly text: string; readonly x: number }>(labels: readonly T[]): T[] {
	let end = Number.NEGATIVE_INFINITY;
	return labels.filter(({ text, x }) => {
		const half = text.length * 3.6 + 4;
		const isFree = x - half > end;
		end = isFree ? x + half : end;
		return isFree;
	});
}

function padded(low: number, high: number): readonly [number, number] {
	const pad = high === low ? Math.abs(high) * 0.05 || 1 : (high - low) * 0.06;
	return [low - pad, high + pad];
}

function fixed(value: number): string {
	return String(Number(value.toFixed(1)));
}
