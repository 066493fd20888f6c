import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

/** Folders of src that work on run folders, job folders and trees of them. */
const folders = ['run', 'jobs', 'results', 'reports', 'train', 'callbacks', 'experiments', 'commands'];

/** Reads or writes by a path, of node:fs and of src/files, without regard to what is at that path. */
const forbidden = new Set([
	...['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream', 'createWriteStream', 'truncateSync'],
	...['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'copyFile', 'copyFileSync', 'cp', 'cpSync'],
	...['writeFileAtomic', 'writeJsonAtomic', 'writeFileDurable', 'replaceInPieces', 'makeFolder'],
]);

/** Files that may all the same, and why. */
const allowed: Readonly<Record<string, string>> = {
	'run/table.ts': 'appends to the descriptor of the one writer; makes and replaces files in the run folder itself',
	'run/table-rewriting.ts': 'replaces files in the run folder itself',
	'run/folder.ts': 'builds a run in a new folder of its own',
	'run/version.ts': 'reserves folders where the user says',
	'run/heartbeat-thread.mjs': 'plain JavaScript, with the same flags',
	'run/capture.ts': '/proc',
	'run/console.ts': 'the terminal',
	'run/tee.ts': 'pipes of its own',
	'run/process-identity.ts': '/proc',
	'run/git.ts': "the user's repository",
	'run/untracked.ts': "the user's repository",
	'jobs/folder.ts': 'the folder beside the list that the user names',
	'jobs/runners.ts': 'a folder in that folder',
	'jobs/lease.ts': 'a probe that is created exclusively',
	'jobs/list.ts': 'the list that the user names',
	'jobs/place.ts': '/proc',
	'jobs/process-group.ts': '/proc',
	'jobs/cluster/lsf.ts': 'a script that was just written',
	'jobs/cluster/script.ts': 'a template of this installation',
	'jobs/cluster/submit.ts': 'scripts in a new folder of its own',
	'reports/html.ts': 'the page of this installation',
	'experiments/prepare.ts': 'the folder of a variant',
	'commands/arguments.ts': '/proc',
	'commands/config/fmt.ts': 'configs that the user names',
	'commands/config/graph.ts': 'the file that the user names',
	'commands/report/write.ts': 'the folder that the user names',
	'commands/training/facts.ts': 'package.json of this installation',
	'commands/training/identity.ts': 'sources of this installation',
	'commands/training/incident.ts': 'builds a record in a new folder of its own',
	'commands/training/smoke.ts': 'the place of a new folder of its own',
	'commands/training/start-record.ts': "lock files of the user's repositories",
};

test('files of run folders are read and written by src/files alone', (t) => {
	const found = folders.flatMap((folder) =>
		readdirSync(join('src', folder), { recursive: true, encoding: 'utf8' })
			.filter((name) => /\.m?[jt]s$/u.test(name))
			.map((name) => `${folder}/${name}`)
			.filter((name) => rawNames(name).length > 0),
	);
	t.deepEqual(
		found.filter((name) => allowed[name] === undefined).map((name) => `${name}: ${rawNames(name).join(', ')}`),
		[],
		'use src/files/reading.ts and src/files/writing.ts',
	);
	t.deepEqual(
		Object.keys(allowed).filter((name) => !found.includes(name)),
		[],
		'no longer needed',
	);
});

function rawNames(file: string): string[] {
	const text = readFileSync(join('src', file), 'utf8');
	const imports = text.matchAll(
		/(?:import|const) (?:type )?\{([^}]*)\} (?:from|= await import\()\s?'(?:node:fs(?:\/promises)?|[./]+files\/[\w-]+\.ts)'/gu,
	);
	return [...imports].flatMap(([, names]) =>
		names!
			.split(',')
			.map((name) => name.trim().split(/[ :]/u)[0]!)
			.filter((name) => forbidden.has(name)),
	);
}
