import { symlinkSync, writeFileSync } from 'node:fs';
import { type Example, gin } from './example.ts';

const alone = (...more: string[]) => ['check', ...more];

/** Files that cannot be found or read, and statements that name them. */
export const fileExamples: readonly Example[] = [
	{ code: 'config.file_missing', about: 'There is no such file.', args: alone('example.gin') },
	{
		code: 'config.file_is_folder',
		about: 'A config is a file.',
		files: { 'folder/base.gin': '' },
		args: alone('folder'),
	},
	{
		code: 'config.file_binary',
		about: 'A config is text in UTF-8.',
		args: alone('example.gin'),
		shown: 'bytes ff fe 00',
		prepare: (folder) => writeFileSync(`${folder}/example.gin`, Uint8Array.of(0xff, 0xfe, 0)),
	},
	{
		code: 'config.file_unreadable',
		about: 'The file is there but cannot be read: permissions, or a link that leads nowhere.',
		args: alone('example.gin'),
		shown: 'a link to itself',
		prepare: (folder) => symlinkSync('example.gin', `${folder}/example.gin`),
	},
	gin(
		'config.include_missing',
		'No file of that name is beside the file, here or in the search path.',
		"include 'x.gin'",
	),
	{
		code: 'config.no_such_file',
		about: 'A data set of the config reads a file that is not there.',
		files: {
			'example.gin': "import './points.ts'\ntrain.model = 'mlp'\ntrain.dataset = 'points'\npoints.file = 'point.csv'\n",
			'points.ts':
				"import { dataset } from 'gimlet';\nimport { z } from 'zod';\ndataset('points', z.object({ file: z.string() }))(class {} as never);\n",
			'points.csv': '1\n',
		},
		args: alone('example.gin'),
	},
	gin('config.no_config', 'What is named is a text, but no config; what stands in it is not shown.', "include '.env'", {
		files: { 'example.gin': "include '.env'\n", '.env': 'API_TOKEN=abc\n' },
	}),
	gin('config.include_cycle', 'A file includes itself, directly or through others.', "include 'part.gin'", {
		files: { 'example.gin': "include 'part.gin'\n", 'part.gin': "include 'example.gin'\n" },
	}),
	gin('config.include_depth', 'Files name one another without end in sight.', "include '1.gin'", {
		shown: "include '1.gin'      (and 1.gin includes 2.gin, and so on to 150.gin)",
		prepare: (folder) => chain(folder, 150, 1),
	}),
	gin(
		'config.include_size',
		'Files name one another so often that nobody could read all lines.',
		"include '1.gin'\nmlp.units |= [1]",
		{
			shown: "include '1.gin'      (1.gin includes 2.gin twice, and so on to 30.gin)\nmlp.units |= [1]",
			prepare: (folder) => chain(folder, 30, 2),
		},
	),
	gin('config.extends_missing', 'The named parent does not exist.', "extends 'x.gin'"),
	gin('config.extends_cycle', 'A file has itself as a parent.', "extends 'example.gin'"),
	gin('config.use_missing', 'The group has no such choice.', "use model = 'x'"),
	gin('config.use_choice', 'A choice is the name of a file without `.gin`.', "use model = '../x'"),
	gin('config.use_cycle', 'A choice of a group cannot choose from the same group.', '', {
		files: { 'example.gin': "use size = 'small'\n", 'size/small.gin': "use size = 'large'\n" },
	}),
	gin(
		'config.env_unset',
		'The variable is not set and the line gives no fallback.',
		"train.data_dir = env('NO_SUCH_VARIABLE')",
	),
	gin(
		'config.env_value',
		'With a fallback that is no string, the variable holds a gin value.',
		"mlp.dropout = env('DROPOUT', 0.1)",
		{ shown: "mlp.dropout = env('DROPOUT', 0.1)      (with DROPOUT=a-third in the environment)" },
	),
	gin('config.join_type', '`|=` joins a dict to a dict or a list to a list.', 'mlp.units |= 3'),
	gin('config.unset_unbound', '`unset` removes an earlier binding, and there must be one.', 'unset mlp.dropout'),
	gin(
		'config.import_module',
		'There is no such module; `--skip-imports` passes over those of a Python project.',
		'import my_project.models',
	),
	gin('config.import_missing', 'The imported file does not exist.', "import './mine.ts'"),
	gin('config.import_from_run', 'No config runs code that lies in a run folder.', '', {
		files: {
			'example.gin': "import './run/mine.ts'\n",
			'run/mine.ts': '',
			'run/meta.json': '{}',
			'run/config.gin': '',
		},
	}),
	{
		code: 'config.untrusted_code',
		about:
			'What a run folder names is run only where `--plugin` names it too, or where you trust it: see [security](security.md).',
		files: { 'run/config.gin': "import '../mine.ts'\n", 'run/status.json': '{}', 'mine.ts': 'export {};\n' },
		args: ['show', 'run/config.gin'],
	},
	{
		code: 'config.include_from_run',
		about: 'A config in a run folder names no config outside of it.',
		files: { 'run/config.gin': "include '../base.gin'\n", 'run/status.json': '{}' },
		args: ['show', 'run/config.gin'],
	},
	gin('config.file_irregular', 'What a config names is a pipe or a device.', "include '/dev/null'"),
	gin('config.import_failed', 'The imported file throws while it loads.', '', {
		files: { 'example.gin': "import './broken.ts'\n", 'broken.ts': "throw new Error('no weights here');\n" },
	}),
];

// Files of which each includes the next one so many times.
function chain(folder: string, count: number, times: number): void {
	for (let n = 1; n <= count; n++) {
		writeFileSync(`${folder}/${n}.gin`, n < count ? `include '${n + 1}.gin'\n`.repeat(times) : '');
	}
}
