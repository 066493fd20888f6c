import { defineRun } from './jobs/run.ts';
import type { Program } from './main.ts';

/** `bin/jobs.ts`: job lists, here and on a cluster. */
export const jobs: Program = {
	name: 'jobs',
	define(command, io) {
		command.description('Run a list of shell commands here or on a cluster, and keep account of it.');
		defineRun(command, io);
	},
};
