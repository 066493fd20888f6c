import { defineCancel } from './jobs/cancel.ts';
import { defineLogs } from './jobs/logs.ts';
import { defineRetry } from './jobs/resubmit.ts';
import { defineRun } from './jobs/run.ts';
import { defineStatus } from './jobs/status.ts';
import { defineSubmit } from './jobs/submit.ts';
import type { Program } from './main.ts';
import { defineWorker } from './worker.ts';

/** `bin/jobs.ts`: job lists, here and on a cluster. */
export const jobs: Program = {
	name: 'jobs',
	define(command, io) {
		command.description('Run a list of shell commands here or on a cluster, and keep account of it.');
		defineRun(command, io);
		defineSubmit(command, io);
		defineStatus(command, io);
		defineLogs(command, io);
		defineRetry(command, io);
		defineCancel(command, io);
		defineWorker(command);
	},
};
