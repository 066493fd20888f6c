// Draws the learning curves of a report; runs in the page, with uPlot before it and the data in #curves.
(() => {
	const data = JSON.parse(document.getElementById('curves').textContent);
	const dark = matchMedia('(prefers-color-scheme: dark)');
	const colour = (group) => `hsl(${(group * 137.5 + 215) % 360} 65% ${dark.matches ? 65 : 42}%)`;
	const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
	const many = data.runs.length > 60;
	let plots = [];

	function legend() {
		const box = document.getElementById('legend');
		box.replaceChildren(
			...data.groups.slice(0, 40).map((title, group) => {
				const entry = document.createElement('span');
				const dot = document.createElement('i');
				dot.style.background = colour(group);
				entry.append(dot, title);
				return entry;
			}),
		);
		if (data.groups.length > 40) {
			box.append(`… and ${data.groups.length - 40} more`);
		}
	}

	function draw({ values }, place) {
		const said = place.querySelector('.note');
		const axis = { stroke: css('--soft'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line') } };
		const series = data.runs.map(({ label, group }) => ({
			label,
			stroke: colour(group),
			width: many ? 0.75 : 1.5,
			alpha: many ? 0.5 : 0.9,
			points: { show: data.epochs.length < 2 },
			spanGaps: true,
		}));
		const options = {
			width: place.clientWidth,
			height: 280,
			scales: { x: { time: false } },
			legend: { show: false },
			cursor: { focus: { prox: 24 }, drag: { x: true, y: true }, points: { show: false } },
			focus: { alpha: many ? 0.15 : 0.3 },
			axes: [axis, { ...axis, size: 60 }],
			series: [{}, ...series],
			hooks: {
				setSeries: [
					(plot, at) => {
						const run = at ? data.runs[at - 1] : undefined;
						const value = run && plot.cursor.idx !== null ? values[at - 1][plot.cursor.idx] : null;
						const epoch = value === null ? '' : `, epoch ${data.epochs[plot.cursor.idx]}: ${value}`;
						said.textContent = run ? `${run.label} (${data.groups[run.group]})${epoch}` : '\u00a0';
					},
				],
			},
		};
		return new uPlot(options, [data.epochs, ...values], place.querySelector('.plot'));
	}

	function drawAll() {
		for (const plot of plots) {
			plot.destroy();
		}
		legend();
		plots = data.curves.map((curves, at) => draw(curves, document.getElementById(`curve-${at}`)));
	}

	const fit = new ResizeObserver(() => {
		for (const [at, plot] of plots.entries()) {
			plot.setSize({ width: document.getElementById(`curve-${at}`).clientWidth, height: 280 });
		}
	});
	fit.observe(document.body);
	dark.addEventListener('change', drawAll);
	drawAll();
})();
