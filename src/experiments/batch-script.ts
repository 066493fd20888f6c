import { typedCommand } from '../core/shell-quote.ts';
import { visible } from '../core/visible.ts';

/** One line of a job list. */
export interface ScriptLine {
	/** What it is, for a reader. */
	readonly title: string;
	readonly words: readonly string[];
}

/** What the head of a job list says. */
export interface ScriptFacts {
	readonly title: string;
	readonly question: string;
	/** The command that wrote it. */
	readonly prepared: string;
}

/**
 * A job list as a shell file: a line per job that also runs alone. Run as a whole it goes on after failures, says at the
 * end which lines failed, and ends with 1 if any did.
 */
export function batchScript({ title, question, prepared }: ScriptFacts, lines: readonly ScriptLine[]): string {
	const jobs = lines.map((line) => `# ${oneLine(line.title)}\n${typedCommand(line.words)}`);
	return `#!/usr/bin/env bash
# ${oneLine(title)}: ${lines.length} ${lines.length === 1 ? 'job' : 'jobs'}. ${oneLine(question)}
#
# All, one after the other:  bash batch.sh      Several at once:  bin/jobs.ts run batch.sh -j 2
# Each line also runs alone, from any directory, and is quickly done where its run is finished.
# Written by: ${oneLine(prepared)}. It is overwritten when that is run again.

# jobs: off
failed=()
trap 'failed+=("line $LINENO, exit code $?: $BASH_COMMAND")' ERR
trap 'exit 130' INT
trap 'exit 143' TERM
summary() {
	code=$?
	trap - ERR
	if ((\${#failed[@]} > 0)); then
		printf '%s of ${lines.length} failed:\\n' "\${#failed[@]}" >&2
		printf '  %s\\n' "\${failed[@]}" >&2
	fi
	if ((code >= 128)); then
		exit "$code"
	fi
	exit $((\${#failed[@]} > 0))
}
trap summary EXIT
# jobs: on

${jobs.join('\n')}
`;
}

function oneLine(text: string): string {
	return visible(text.replaceAll(/\s+/gu, ' ').trim());
}
