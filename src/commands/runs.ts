import type { Io, Program } from './main.ts';
import { defineCompare } from './runs/compare.ts';
import { defineExport } from './runs/export.ts';
import { defineKeep } from './runs/keep.ts';
import { defineList } from './runs/list.ts';
import { defineReindex } from './runs/reindex.ts';
import { defineResume } from './runs/resume.ts';
import { defineRm } from './runs/rm.ts';
import { defineShow } from './runs/show.ts';
import { defineVerify } from './runs/verify.ts';

/** Adds one subcommand of `runs`; what it needs is loaded when it runs. */
export type DefineRuns = (command: Parameters<Program['define']>[0], io: Io) => void;

const subcommands: readonly DefineRuns[] = [
	defineList,
	defineShow,
	defineCompare,
	defineExport,
	defineResume,
	defineKeep,
	defineVerify,
	defineRm,
	defineReindex,
];

/** `bin/runs.ts`: looks after run folders; a folder tree is all it needs. */
export const runs: Program = {
	name: 'runs',
	define(command, io) {
		command.description('List, show, compare, export, resume, verify, keep and remove runs of any folder tree.');
		for (const define of subcommands) {
			define(command, io);
		}
	},
};
