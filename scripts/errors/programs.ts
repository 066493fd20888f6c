import { discover } from '../../src/registry/discover.ts';
import type { Example } from './example.ts';

/** Component files, programs and the API. */
export const programExamples: readonly Example[] = [
	{
		code: 'config.bad_key',
		about: '`--why` takes `component.parameter`, `scope/component.parameter` or `%macro`.',
		args: ['show', 'base.gin', '--why', 'mlp'],
	},
	{
		code: 'config.bad_scope',
		about: '`--scope` takes names with `/` between them.',
		args: ['show', 'base.gin', '--scope', 'big/'],
	},
	{
		code: 'config.no_run',
		about: 'The folder holds no run.',
		files: { 'folder/notes.txt': '' },
		args: ['diff', 'base.gin', 'folder'],
	},
	{
		code: 'file.damaged',
		about: 'A record of a run, here its operative.json, is no JSON or lacks what it must hold.',
		files: { 'run/operative.json': '{' },
		args: ['diff', 'base.gin', 'run'],
	},
	{
		code: 'file.newer',
		about: 'A record of a run was written by a newer version.',
		files: { 'run/operative.json': '{ "schema": "gimlet.operative/9" }\n' },
		args: ['diff', 'base.gin', 'run'],
	},
	{
		code: 'config.unknown_root',
		about: 'Code asked for a component that does not exist to start from.',
		files: {
			'example.gin': "import './start.ts'\n",
			'start.ts':
				"import { Configuration } from 'gimlet';\nconst config = await Configuration.fromText('');\nconfig.finalize(['trian']);\n",
		},
	},
	{
		code: 'config.locked',
		about: 'Nothing can be bound after finalize().',
		files: {
			'example.gin': "import './late.ts'\n",
			'late.ts':
				"import { Configuration } from 'gimlet';\nconst config = await Configuration.fromText('');\nconfig.finalize([]);\nconfig.bind('mlp.dropout = 0.1');\n",
		},
	},
	{
		code: 'config.ambiguous_constant',
		about: 'A short name fits several constants of code.',
		files: {
			'example.gin': "import './sizes.ts'\n",
			'sizes.ts': [
				"import { Configuration } from 'gimlet';",
				"const int = (value: number) => ({ type: 'int', value }) as const;",
				"const constants = new Map([['small.SIZE', int(8)], ['large.SIZE', int(64)]]);",
				"const config = await Configuration.fromText('sizes = [%SIZE]', { constants });",
				'config.finalize([], { allowUnused: true });',
				'',
			].join('\n'),
		},
	},
	{
		code: 'registry.unknown',
		about: 'Code asked for a component that does not exist.',
		files: {
			'example.gin': "import './build.ts'\n",
			'build.ts':
				"import { Configuration } from 'gimlet';\nconst config = await Configuration.fromText('');\nconfig.resolve('resent');\n",
		},
	},
	{
		code: 'registry.bad_name',
		about: 'Names are letters, digits and underscores, with dots between several.',
		files: {
			'example.gin': "import './losses.ts'\n",
			'losses.ts':
				"import { loss } from 'gimlet';\nimport { z } from 'zod';\nloss('focal-loss', z.object({}))(class {} as never);\n",
		},
	},
	{
		code: 'registry.constant',
		about: 'A constant needs a name that means no other one.',
		files: {
			'example.gin': "import './values.ts'\n",
			'values.ts': "import { constant } from 'gimlet';\nconstant('math.PI', 3.14);\nconstant('PI', 3);\n",
		},
	},
	{
		code: 'registry.hook',
		about: 'Two finalize hooks have one name.',
		files: {
			'example.gin': "import './hooks.ts'\n",
			'hooks.ts':
				"import { finalizeHook } from 'gimlet';\nfinalizeHook('rates', () => undefined);\nfinalizeHook('rates', () => undefined);\n",
		},
	},
	{
		code: 'config.hook_conflict',
		about: 'Two finalize hooks bind the same.',
		files: {
			'example.gin': "import './hooks.ts'\n",
			'hooks.ts': [
				"import { finalizeHook } from 'gimlet';",
				"finalizeHook('small', () => ({ 'mlp.dropout': 0.1 }));",
				"finalizeHook('large', () => ({ 'models.mlp.dropout': 0.5 }));",
				'',
			].join('\n'),
		},
	},
	{
		code: 'config.late_import',
		about: 'What code binds cannot import.',
		files: {
			'example.gin': "import './late.ts'\n",
			'late.ts':
				"import { Configuration } from 'gimlet';\nconst config = await Configuration.fromText('');\nconfig.bind(\"import './more.ts'\");\n",
		},
	},
	{
		code: 'registry.duplicate',
		about: 'Two components have one name.',
		files: {
			'example.gin': "import './mine.ts'\nimport './yours.ts'\n",
			'mine.ts':
				"import { loss } from 'gimlet';\nimport { z } from 'zod';\nloss('hinge', z.object({}))(class {} as never);\n",
			'yours.ts':
				"import { loss } from 'gimlet';\nimport { z } from 'zod';\nloss('hinge', z.object({}))(class {} as never);\n",
		},
	},
	{
		code: 'registry.import_failed',
		about: 'A component file of the repository itself throws while it loads.',
		files: { 'src/models/broken.ts': "throw new Error('no weights here');\n" },
		run: () => discover('src', ['models']),
	},
	{
		code: 'list.unknown',
		about: 'There is no such component and no such kind.',
		program: 'list',
		args: ['modle'],
	},
];
