import { capture } from '../../run/capture.ts';
import { writeCommandScript } from '../../run/command-script.ts';
import { isoTime } from '../../run/iso-time.ts';
import type { Lease } from '../../run/lease.ts';
import { readMeta } from '../../run/meta.ts';
import { runPath } from '../../run/paths.ts';
import { RollbackError } from '../../train/nan-policy.ts';
import type { Built } from './build.ts';
import { locatedFailure, recordFailure } from './failure-record.ts';
import { Interruption, type InterruptionOptions } from './interruption.ts';
import { RunningSession, type SessionResult } from './running-session.ts';
import type { StartRecord } from './start-record.ts';

/** How a session may end before its time, what it was allowed, and which faults it meets. */
export interface TrainFolderOptions extends Pick<InterruptionOptions, 'lastStep' | 'afterStep'> {
	readonly start: StartRecord;
	readonly allowed: readonly string[];
	readonly lockstep: number | undefined;
}

/** Trains what was built into a folder that exists and is ours, going back to a checkpoint where the policy asks for it. */
export async function trainFolder(
	folder: string,
	built: Built,
	rebuild: () => Promise<Built>,
	lease: Lease,
	{ start, allowed, lockstep, ...ending }: TrainFolderOptions,
	say: (text: string) => void,
): Promise<SessionResult> {
	const { argv, cwd, environment, withheld, dataDir } = start;
	const surroundingsOfScript = { environment: { DATA_DIR: dataDir, ...environment }, needed: withheld };
	writeCommandScript(folder, argv, cwd, surroundingsOfScript);
	const number = (readMeta(folder)?.sessions.length ?? 0) + 1;
	const captured = await capture({
		stdout: runPath(folder, 'stdout'),
		stderr: runPath(folder, 'stderr'),
		separator: `--- session ${number}, ${isoTime()}, pid ${process.pid} ---`,
		mayWrite: () => isOurs(lease),
	});
	if (captured.notice !== undefined) {
		say(captured.notice);
	}
	// A message takes the place of the progress bar, which is drawn again below it.
	const tell = (text: string) => {
		captured.console.clearLine();
		say(text);
	};
	const { signals, preemptible } = built.loop;
	const interruption = new Interruption(tell, { signals, preemptible, ...ending });
	const surroundings = { folder, lease, captured, interruption, start, allowed, lockstep, say: tell };
	interruption.listen();
	let failure: unknown;
	try {
		let present = built;
		for (let avoided: readonly number[] = []; ; ) {
			const outcome = await new RunningSession(surroundings, present, avoided).run();
			if (!(outcome instanceof RollbackError)) {
				return outcome;
			}
			avoided = outcome.avoided;
			present.parts.model.dispose();
			present.parts.optimizer.dispose();
			// Fresh components: whatever they have become goes with them.
			present = await rebuild();
		}
	} catch (error) {
		failure = error;
		throw locatedFailure(folder, error);
	} finally {
		interruption.stop();
		await captured.close();
		if (failure !== undefined && isOurs(lease)) {
			recordFailure(folder, failure);
		}
	}
}

function isOurs(lease: Lease): boolean {
	try {
		lease.check();
		return true;
	} catch {
		return false;
	}
}
