import type { LeaseRecord } from '../lease.ts';
import type { Schedulers } from './inquiry.ts';

/** Whether a scheduler has the task that owns a lease, though its heartbeat has stopped: it may be suspended. */
export function keptBy(schedulers: Schedulers): (record: LeaseRecord) => boolean {
	const answers = new Map<string, { readonly isKept: boolean; readonly at: number }>();
	return ({ by = '', submission }) => {
		const before = answers.get(by);
		if (before !== undefined && performance.now() - before.at < askedAgainAfter) {
			return before.isKept;
		}
		const [, name = '', id = '', index = ''] = /^(slurm|lsf)-(\d+)_(\d+)$/u.exec(by) ?? [];
		const array = { id, label: undefined, jobName: undefined, tasks: 0 };
		const reports = id === '' ? undefined : schedulers[name]?.report([array], []);
		const state = reports?.tasks.get(`${id}_${index}`)?.state;
		const label = [...(reports?.ids ?? [])].find(([, of]) => of === id)?.[0];
		// Where ids have begun anew, it is another job.
		const isIt = submission === undefined || label === undefined || label.startsWith(`${submission}.`);
		const isKept = isIt && (state === 'running' || state === 'suspended' || state === 'ending');
		answers.set(by, { isKept, at: performance.now() });
		return isKept;
	};
}

// Milliseconds.
const askedAgainAfter = 10_000;
