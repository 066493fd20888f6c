/** What one process measured. */
export interface Measurement {
	readonly engine: string;
	readonly workload: string;
	readonly ms: number;
	readonly imagesPerSecond: number;
	readonly gflops: number;
	/** From the start of the process to the end of its first step. */
	readonly firstStepMs: number;
	readonly residentMb: number;
	readonly hash: string;
	readonly round: number;
	/** The machine's load average. */
	readonly load: number;
}

export interface Results {
	readonly workloads: string[];
	readonly tiers: string[];
	readonly rounds: number;
	readonly measurements: Measurement[];
	/** Rates of a large matrix product, GFLOP/s. */
	readonly peaks: Array<{ readonly engine: string; readonly gflops: number }>;
	/** Times of `python3 -c "import torch"`, ms. */
	readonly imports: number[];
}

interface Spread {
	readonly median: number;
	readonly min: number;
	readonly max: number;
}

/** The tables for people and the numbers behind them. */
export function summary(results: Results) {
	const peak = results.peaks.reduce((best, one) => (one.gflops > best.gflops ? one : best));
	const ratios = hasTorch(results) ? results.tiers.map((tier) => ratiosOf(tier, results)) : [];
	const parts = [speeds(results, peak.gflops), peakLine(peak), ...ratioTable(results, ratios), ...startTable(results)];
	return { numbers: { peak, ratios }, text: parts.join('\n') };
}

function speeds({ workloads, measurements }: Results, peak: number): string {
	const lines = [
		'| workload | engine-threads | images/s, median (min, max) | GFLOP/s | of the peak | first step, ms | MB | weights |',
		'| --- | --- | --- | --- | --- | --- | --- | --- |',
	];
	for (const workload of workloads) {
		for (const engine of new Set(measurements.map((one) => one.engine))) {
			const all = measurements.filter((one) => one.workload === workload && one.engine === engine);
			const middle = (key: 'gflops' | 'firstStepMs' | 'residentMb') => spread(all.map((one) => one[key])).median;
			const speed = text(spread(all.map((one) => one.imagesPerSecond)));
			const hashes = new Set(all.map((one) => one.hash));
			const weights = hashes.size === 1 ? [...hashes][0] : `${hashes.size} different`;
			const share = `${((100 * middle('gflops')) / peak).toFixed(0)} %`;
			const rest = [middle('firstStepMs'), middle('residentMb')].map((number) => number.toFixed(0));
			lines.push(`| ${[workload, engine, speed, middle('gflops').toFixed(0), share, ...rest, weights].join(' | ')} |`);
		}
	}
	return lines.join('\n');
}

function peakLine(peak: { engine: string; gflops: number }): string {
	return `\npeak of a matrix product of 1536 rows: ${peak.gflops.toFixed(0)} GFLOP/s (${peak.engine})`;
}

function ratioTable({ workloads }: Results, ratios: ReturnType<typeof ratiosOf>[]): string[] {
	if (ratios.length === 0) {
		return [];
	}
	return [
		`\n| ratio to PyTorch, median (min, max) | ${workloads.join(' | ')} |`,
		`| --- | ${workloads.map(() => '---').join(' | ')} |`,
		...ratios.map(
			({ tier, byWorkload }) => `| ${tier} | ${workloads.map((name) => text(byWorkload[name]!, 2)).join(' | ')} |`,
		),
	];
}

// The first finished step against PyTorch's import alone.
function startTable({ workloads, tiers, measurements, imports }: Results): string[] {
	if (imports.length === 0) {
		return [];
	}
	const bare = spread(imports);
	const cell = (engine: string, workload: string) => {
		const own = measurements.filter((one) => one.workload === workload && one.engine.startsWith(engine));
		const { median } = spread(own.map((one) => one.firstStepMs));
		return `${median.toFixed(0)} (${(median / bare.median).toFixed(2)})`;
	};
	return [
		`\nimport torch alone: ${text(bare)} ms`,
		`\n| ms to the first finished step (share of that import) | ${workloads.join(' | ')} |`,
		`| --- | ${workloads.map(() => '---').join(' | ')} |`,
		...[...tiers, 'torch'].map((tier) => `| ${tier} | ${workloads.map((name) => cell(tier, name)).join(' | ')} |`),
	];
}

function hasTorch({ measurements }: Results): boolean {
	return measurements.some((one) => one.engine.startsWith('torch'));
}

// Round by round, each engine at its better thread count.
function ratiosOf(tier: string, { workloads, measurements, rounds }: Results) {
	const best = (engine: string, workload: string, round: number) =>
		Math.max(
			...measurements
				.filter((one) => one.workload === workload && one.round === round && one.engine.startsWith(engine))
				.map((one) => one.imagesPerSecond),
		);
	const of = (workload: string) =>
		spread(Array.from({ length: rounds }, (_, i) => best(tier, workload, i + 1) / best('torch', workload, i + 1)));
	return { tier, byWorkload: Object.fromEntries(workloads.map((name) => [name, of(name)])) as Record<string, Spread> };
}

function spread(numbers: number[]): Spread {
	const sorted = [...numbers].sort((a, b) => a - b);
	const nothing = Number.NaN;
	return { median: sorted[sorted.length >> 1] ?? nothing, min: sorted[0] ?? nothing, max: sorted.at(-1) ?? nothing };
}

function text({ median, min, max }: Spread, digits = 0): string {
	return `${median.toFixed(digits)} (${min.toFixed(digits)}, ${max.toFixed(digits)})`;
}
