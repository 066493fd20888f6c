import { nearPath } from '../../core/near-path.ts';
import { operand, typedCommand } from '../../core/shell-quote.ts';
import type { Experiment } from '../../experiments/experiment.ts';
import type { Io, Program } from '../main.ts';
import { printPath, say } from '../output.ts';
import { addReportOptions, type ReportOptions } from '../report/options.ts';

/** `prepare`, `status` and `report` of one experiment. */
export function experimentProgram(experiment: Experiment): Program {
	const variants = Object.keys(experiment.variants).join(' or ');
	return {
		name: experiment.name,
		define(command, io) {
			command.description(experiment.question);
			command
				.command('prepare')
				.description(
					'Write configs/, manifest.json and batch.sh into $RESULTS_DIR/<experiment>/<variant>; run nothing.',
				)
				.argument('[variant]', variants)
				.action(async (variant: string | undefined) => prepare(experiment, variant, io));
			command
				.command('status')
				.description('Show the state of every job.')
				.argument('[variant]', variants)
				.option('--json', 'print JSON')
				.action(async (variant: string | undefined, options: { readonly json?: boolean }) => {
					const { showStatus } = await import('./status.ts');
					await showStatus(experiment, variant, options.json ?? false, io);
				});
			const report = command
				.command('report')
				.description('Report on the jobs so far: a table here, report.html and report.csv in the folder.')
				.argument('[variant]', variants);
			addReportOptions(report).action(async (variant: string | undefined, options: ReportOptions) => {
				const { reportVariant } = await import('./report.ts');
				await reportVariant(experiment, variant, options, io);
			});
		},
	};
}

async function prepare(experiment: Experiment, wanted: string | undefined, io: Io): Promise<void> {
	const { chooseVariant } = await import('../../experiments/experiment.ts');
	const [{ planVariant }, { prepareVariant }, { pointKey }] = await Promise.all([
		import('./plan.ts'),
		import('../../experiments/prepare.ts'),
		import('../../experiments/point.ts'),
	]);
	const plan = await planVariant(experiment, chooseVariant(experiment, wanted));
	const { jobs, finished, written, removed } = prepareVariant(plan, (point) =>
		pointKey(point as Parameters<typeof pointKey>[0]),
	);
	const changes = written.length === 0 ? 'nothing changed' : `${written.length} files written`;
	const stale = removed.length === 0 ? '' : `, ${removed.length} configs of former jobs removed`;
	say(io, `${jobs} ${jobs === 1 ? 'job' : 'jobs'}, ${finished} finished; ${changes}${stale}`);
	const list = `${plan.folder}/batch.sh`;
	printPath(io, list);
	say(io, `next: ${typedCommand(['bash', operand(nearPath(list))])}`);
}
