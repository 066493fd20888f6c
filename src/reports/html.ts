import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { visibleJson } from '../core/visible.ts';
import { titleOf } from '../results/columns.ts';
import { showFigure } from '../results/text-table.ts';
import { axisPlot } from './axis-plot.ts';
import type { Collected } from './collect.ts';
import { type CurveSet, curvesOf } from './curves.ts';
import { escapeHtml } from './escape-html.ts';
import { bestGroup, type Group } from './groups.ts';
import { groupTable, type ReportTable, runTable } from './tables.ts';

/** The report as one page that needs nothing else: styles, uPlot and the data are in it, and no time or path of the machine. */
export function htmlReport(collected: Collected, groups: readonly Group[]): string {
	const curves = curvesOf(collected, groups);
	const sections = [
		headline(collected, groups),
		section(
			`${titleOf(collected.metric)} by ${axesOf(collected).join(', ') || 'run'}`,
			groupSection(collected, groups),
		),
		axisSection(collected, groups),
		curveSection(curves),
		section('Runs', tableHtml(runTable(collected))),
		differencesSection(collected),
		codeSection(collected),
		problemSection(collected),
	];
	const script = curves.curves.length === 0 ? '' : scripts(curves);
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(collected.title)}</title>
<link rel="icon" href="data:,">
<style>${asset('uplot/dist/uPlot.min.css')}${own('page.css')}</style>
</head>
<body>
${sections.filter((text) => text !== '').join('\n')}
${script}</body>
</html>
`;
}

function headline({ title, question, runs, metric, direction, notices }: Collected, groups: readonly Group[]): string {
	const counts = new Map<string, number>();
	for (const { state } of runs) {
		counts.set(state, (counts.get(state) ?? 0) + 1);
	}
	const states = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([state, count]) => `${count} ${state}`);
	const best = bestGroup(groups, direction);
	const isOver = groups.some(({ spread }) => spread.n > 0);
	const found =
		best === undefined
			? isOver
				? ''
				: 'No run has finished yet.'
			: `Best ${titleOf(metric)}: ${showFigure(best.spread.mean)}${Number.isNaN(best.spread.sd) ? '' : ` ± ${showFigure(best.spread.sd)}`} (mean ± sd of ${best.spread.n}) with ${best.title}.`;
	const asked = question === '' ? '' : `<p>${escapeHtml(question)}</p>`;
	const said = [found, ...notices].filter((text) => text !== '').map((text) => `<p>${escapeHtml(text)}</p>`);
	return `<h1>${escapeHtml(title)}</h1>${asked}${said.join('')}<p class="note">${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${states.length === 0 ? '' : `: ${escapeHtml(states.join(', '))}`}</p>`;
}

function groupSection(collected: Collected, groups: readonly Group[]): string {
	const best = bestGroup(groups, collected.direction);
	const baseline = groups.find(({ isBaseline }) => isBaseline);
	const compared =
		baseline === undefined
			? ''
			: ` Differences are from ${baseline.title}, paired by seed, with their 95 % interval and the p-value of Student's paired test.`;
	const about = `Over finished runs: mean, standard deviation (n − 1), 95 % confidence interval of the mean by Student's t.${compared}`;
	return `<p class="note">${escapeHtml(about)}</p>${tableHtml(groupTable(collected, groups), best === undefined ? -1 : groups.indexOf(best))}`;
}

function axisSection(collected: Collected, groups: readonly Group[]): string {
	const plots = axesOf(collected)
		.filter((axis) => new Set(groups.map(({ axes }) => axes[axis])).size > 1)
		.slice(0, 8)
		.map((axis) => ({ axis, plot: axisPlot(axis, groups, collected) }))
		.filter(({ plot }) => plot !== '');
	const about = '<p class="note">Grey: runs. Blue: means with their 95 % confidence intervals.</p>';
	return plots.length === 0
		? ''
		: section(
				'Swept axes',
				`${about}<div class="plots">${plots.map(({ axis, plot }) => `<div><h3>${escapeHtml(axis)}</h3>${plot}</div>`).join('')}</div>`,
			);
}

function curveSection({ curves, epochs, length }: CurveSet): string {
	if (curves.length === 0) {
		return '';
	}
	const thin = epochs.length < length ? ` Thinned for display: ${epochs.length} of ${length} epochs are drawn.` : '';
	const places = curves.map(
		({ column }, at) =>
			`<div id="curve-${at}"><h3>${escapeHtml(column)}</h3><div class="plot"></div><p class="note">&nbsp;</p></div>`,
	);
	return section(
		'Learning curves',
		`<p class="note">A line per run by epoch; drag to zoom, double-click to zoom out.${thin}</p><div id="legend" class="legend"></div><div class="plots">${places.join('')}</div>`,
	);
}

function differencesSection({ differences, configs, runs }: Collected): string {
	const columns = ['run', ...differences];
	const rows = runs.map(({ label }, at) => [label, ...differences.map((key) => configs[at]?.[key])]);
	const about = '<p class="note">Values that differ between runs without being swept.</p>';
	return differences.length === 0 ? '' : section('Config differences', about + tableHtml({ columns, rows }));
}

function codeSection({ codeDifference }: Collected): string {
	return codeDifference === undefined ? '' : section('Code', `<p>${escapeHtml(codeDifference)}</p>`);
}

function problemSection({ runs }: Collected): string {
	const rows = runs
		.filter(({ state }) => state !== 'finished')
		.map(({ label, state, epoch, reason, problems }) => [label, state, epoch, reason || problems.join('; ')]);
	const damaged = runs.filter(({ state, problems }) => state === 'finished' && problems.length > 0);
	const all = [
		...rows,
		...damaged.map(({ label, state, epoch, problems }) => [label, state, epoch, problems.join('; ')]),
	];
	return all.length === 0
		? ''
		: section(
				'Not finished, limited or damaged',
				tableHtml({ columns: ['run', 'state', 'epochs', 'reason'], rows: all }),
			);
}

function axesOf({ axes, seedAxes }: Collected): string[] {
	return axes.filter((axis) => !seedAxes.includes(axis));
}

function section(title: string, content: string): string {
	return `<section><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function tableHtml({ columns, rows }: ReportTable, best = -1): string {
	const isNumeric = columns.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] !== 'string'));
	const state = columns.indexOf('state');
	const cell = (value: string | number | undefined, at: number) => {
		const kind = isNumeric[at] ? ' class="number"' : at === state ? ` class="${escapeHtml(String(value))}"` : '';
		return `<td${kind}>${escapeHtml(value === undefined ? '' : typeof value === 'number' ? showFigure(value) : value)}</td>`;
	};
	const head = columns
		.map((name, at) => `<th${isNumeric[at] ? ' class="number"' : ''}>${escapeHtml(name)}</th>`)
		.join('');
	const body = rows
		.map((row, at) => `<tr${at === best ? ' class="best"' : ''}>${row.map(cell).join('')}</tr>`)
		.join('\n');
	return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function scripts(curves: CurveSet): string {
	// A closing tag inside the data would end the script element.
	const data = visibleJson(curves, '').replaceAll('<', '\\u003c');
	return `<script type="application/json" id="curves">${data}</script>
<script>${asset('uplot/dist/uPlot.iife.min.js')}</script>
<script>${own('page.js')}</script>
`;
}

function asset(name: string): string {
	return readFileSync(createRequire(import.meta.url).resolve(name), 'utf8').trim();
}

function own(name: string): string {
	return readFileSync(new URL(name, import.meta.url), 'utf8').trim();
}
