import { hostname, userInfo } from 'node:os';
import { z } from 'zod';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { writeJsonInside } from '../files/writing.ts';
import { rerunCommand } from './command-script.ts';
import { isoTime } from './iso-time.ts';
import { runFiles } from './paths.ts';
import { schedulerJob } from './process-identity.ts';

const sessionSchema = z.object({
	start: z.string(),
	/** Null while the session runs, and for ever if it was killed. */
	end: z.string().nullable(),
	/** Why it ended (`finished`, `signal SIGTERM`, …); null like `end`. */
	exit_reason: z.string().nullable(),
	/** Seconds of work so far, measured by a clock that only goes forward. */
	seconds: z.number().nonnegative(),
	command: z.string(),
	host: z.string(),
	pid: z.number().int(),
	job_id: z.string(),
	/** The checkpoint this session went on from; null for a fresh start. */
	resumed_from: z.string().nullable(),
	/** Differences from the run so far that were allowed on purpose; absent where there are none. */
	allowed_changes: z.array(z.string()).optional(),
});

/** What `meta.json` must hold. */
export const metaSchema = z.object({
	schema: z.literal('gimlet.meta/1'),
	/** The program and its arguments, as a shell received them. */
	argv: z.array(z.string()),
	/** One line for a shell that repeats the run from any directory. */
	command: z.string(),
	cwd: z.string(),
	host: z.string(),
	pid: z.number().int(),
	user: z.string(),
	versions: z.record(z.string(), z.string()),
	device: z.unknown(),
	seeds: z.record(z.string(), z.union([z.number(), z.string()])),
	limits: z.record(z.string(), z.unknown()),
	/** Where data sets were looked for. This and the next four are absent in older runs. */
	data_dir: z.string().optional(),
	/** Variables that the config or the engine asked for, and that were set. */
	environment: z.record(z.string(), z.string()).optional(),
	/** Names of variables that were set and whose values are not recorded, as they are secrets. */
	withheld: z.array(z.string()).optional(),
	/** Parameters whose values are secrets and not recorded. */
	masked: z.array(z.string()).optional(),
	/** SHA-256 of the files that fix the versions of packages, by path. */
	locks: z.record(z.string(), z.string()).optional(),
	created: z.string(),
	sessions: z.array(sessionSchema),
	total_seconds: z.number().nonnegative(),
});

/** The contents of `meta.json`. */
export type Meta = z.infer<typeof metaSchema>;
export type Session = Meta['sessions'][number];

/** What the caller knows and this layer does not. */
export interface MetaFacts {
	/** The command as typed: program first. */
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly dataDir?: string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly withheld?: readonly string[];
	readonly masked?: readonly string[];
	readonly locks?: Readonly<Record<string, string>>;
	/** Versions of gimlet and of the libraries that matter; Node's is added. */
	readonly versions: Readonly<Record<string, string>>;
	/** Anything JSON about the engine and its device. */
	readonly device: unknown;
	readonly seeds: Readonly<Record<string, number | string>>;
	/** Limits in force, such as a smoke run's. */
	readonly limits?: Readonly<Record<string, unknown>>;
	/** The checkpoint this session goes on from. */
	readonly resumedFrom?: string;
	/** Differences from the run so far that were allowed on purpose. */
	readonly allowedChanges?: readonly string[];
	/** This process went back to a checkpoint: the last session recorded is its own, and goes on. */
	readonly goesOn?: boolean;
}

/** The running session in `meta.json`. */
export interface MetaSession {
	/** Its number in the run, from 1. */
	readonly number: number;
	/** Brings the seconds up to date. */
	update(): void;
	/** Records why the session ends. */
	end(exitReason: string): void;
}

/** The recorded facts; undefined where there are none or they cannot be understood. */
export function readMeta(folder: string): Meta | undefined {
	try {
		return readRecordInside(folder, runFiles.meta, metaSchema, limits.record);
	} catch {
		return undefined;
	}
}

/** Adds a session to `meta.json`, which it creates or brings up to date; earlier sessions stay as they are. */
export function startSession(folder: string, facts: MetaFacts): MetaSession {
	const before = readMeta(folder);
	const started = performance.now();
	const now = isoTime();
	const common = { host: hostname(), pid: process.pid };
	const command = rerunCommand(facts.argv, facts.cwd);
	const last = facts.goesOn ? before?.sessions.at(-1) : undefined;
	const session: Session = {
		...{ start: last?.start ?? now, end: null, exit_reason: null, seconds: 0, command },
		...common,
		job_id: schedulerJob(process.env),
		resumed_from: last === undefined ? (facts.resumedFrom ?? null) : last.resumed_from,
		...(facts.allowedChanges?.length ? { allowed_changes: [...facts.allowedChanges] } : {}),
	};
	const earlier = last === undefined ? (before?.sessions ?? []) : before!.sessions.slice(0, -1);
	const write = (change: Partial<Session>) => {
		const seconds = Math.round((last?.seconds ?? 0) * 1000 + performance.now() - started) / 1000;
		const sessions = [...earlier, { ...session, seconds, ...change }];
		const meta: Meta = {
			schema: 'gimlet.meta/1',
			argv: [...facts.argv],
			command,
			cwd: facts.cwd,
			...common,
			user: userName(),
			versions: { node: process.versions.node, ...facts.versions },
			device: facts.device ?? null,
			seeds: { ...facts.seeds },
			limits: { ...facts.limits },
			...startOf(facts),
			created: before?.created ?? now,
			sessions,
			total_seconds: sessions.reduce((sum, one) => sum + one.seconds, 0),
		};
		writeJsonInside(folder, runFiles.meta, meta);
	};
	write({});
	return {
		number: earlier.length + 1,
		update: () => write({}),
		end: (exitReason) => write({ end: isoTime(), exit_reason: exitReason }),
	};
}

function startOf({ dataDir, environment, withheld, masked, locks }: MetaFacts): Partial<Meta> {
	return {
		...(dataDir === undefined ? {} : { data_dir: dataDir }),
		...(environment === undefined ? {} : { environment: { ...environment } }),
		...(withheld === undefined ? {} : { withheld: [...withheld] }),
		...(masked === undefined ? {} : { masked: [...masked] }),
		...(locks === undefined ? {} : { locks: { ...locks } }),
	};
}

// A container may run under a number that no user has.
function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return process.env['USER'] ?? String(process.getuid?.() ?? '');
	}
}
