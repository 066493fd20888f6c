import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { makeFolder } from '../files/atomic.ts';
import { makeFolderInside } from '../files/inside.ts';

/** Where everything about one job list lies: the folder `batch.sh.jobs` beside `batch.sh`. */
export class StateFolder {
	readonly list: string;
	readonly path: string;

	constructor(list: string) {
		this.list = resolve(list);
		this.path = join(dirname(this.list), `${basename(this.list)}.jobs`);
	}

	/** `KEY` for every job that someone works at now. */
	get leases(): string {
		return join(this.path, 'leases');
	}

	/** `HOST.PID` for every runner at work. */
	get runners(): string {
		return join(this.path, 'runners');
	}

	/** `KEY.json` for every job that has ended: its last attempt. */
	get ended(): string {
		return join(this.path, 'ended');
	}

	/** What the jobs printed, `NAME.ATTEMPT.log`. */
	get logs(): string {
		return join(this.path, 'logs');
	}

	/** Every attempt as a line of JSON; one file per writer, so that network file systems lose none. */
	get history(): string {
		return join(this.path, 'history');
	}

	/** One folder per submission to a scheduler. */
	get submissions(): string {
		return join(this.path, 'submissions');
	}

	logFile(name: string, attempt: number): string {
		return join(this.logs, `${name}.${attempt}.log`);
	}

	/** Creates what is missing; throws `EnvironmentError` where that is not allowed. */
	create(): this {
		makeFolder(this.path);
		for (const folder of [this.leases, this.ended, this.logs, this.history]) {
			makeFolderInside(this.path, basename(folder));
		}
		return this;
	}

	/** Throws `UsageError` where the list has never been run or submitted. */
	mustExist(): this {
		if (!existsSync(this.path)) {
			throw new UsageError(
				'jobs.never_run',
				`${this.list} has neither been run nor submitted: ${this.path} is missing.`,
			);
		}
		return this;
	}
}
