import type { GraphOptions } from './config/graph.ts';
import type { ShowOptions } from './config/show.ts';
import type { Io, Program } from './main.ts';
import type { ConfigOptions } from './training-config.ts';
import { addConfigOptions } from './training-config.ts';

/** `bin/config.ts`: looks at configs without running anything; no tensor library is loaded. */
export const config: Program = {
	name: 'config',
	define(command, io) {
		command.description('Check, show, compare and format .gin files; nothing is run.');
		defineCheck(command, io);
		defineShow(command, io);
		defineGraph(command, io);
		defineDiff(command, io);
		defineTexts(command, io);
	},
};

type Command = Parameters<Program['define']>[0];

function defineCheck(command: Command, io: Io): void {
	const check = command
		.command('check')
		.description('Report every problem of each file; silent, and exit code 0, where there is none.')
		.argument('<files...>', '.gin files, each a config of its own')
		.option('--together', 'the files are one config, in this order');
	addConfigOptions(check);
	check.action(async (files: string[], options: ConfigOptions & { together?: boolean }) => {
		const { checkFiles } = await import('./config/check.ts');
		io.exitCode = await checkFiles(options.together ? [files] : files.map((file) => [file]), options, io);
	});
}

function defineShow(command: Command, io: Io): void {
	const show = command
		.command('show')
		.description('Show the effective config: every value of everything that would be built.')
		.argument('<files...>', '.gin files, one config together, or a run folder')
		.option('--origins', 'say where each value comes from and what it won over')
		.option('--json', 'print JSON, as operative.json in a run folder')
		.option('--why <name>', 'explain one value: component.parameter, scope/component.parameter or %macro')
		.option('--chain', 'show the files that take part and what named them')
		.option('--scope <scope>', 'as it is inside a scope');
	addConfigOptions(show);
	show.action(async (files: string[], options: ShowOptions) => {
		const { showConfig } = await import('./config/show.ts');
		await showConfig(files, options, io);
	});
}

function defineGraph(command: Command, io: Io): void {
	const graph = command
		.command('graph')
		.description('Draw what will be built: components, scopes, shared instances and bound values.')
		.argument('<files...>', '.gin files, one config together')
		.option('--svg <file>', 'draw into an SVG file')
		.option('--json', 'print JSON');
	addConfigOptions(graph);
	graph.action(async (files: string[], options: GraphOptions) => {
		const { drawConfig } = await import('./config/graph.ts');
		await drawConfig(files, options, io);
	});
}

function defineDiff(command: Command, io: Io): void {
	const diff = command
		.command('diff')
		.description('Compare what two configs or runs mean; exit code 1 where they differ.')
		.argument('<a>', '.gin file or run folder')
		.argument('<b>', '.gin file or run folder')
		.option('--json', 'print JSON')
		.option('--as-bindings', 'print the lines that make a config of the first mean what the second does');
	addConfigOptions(diff);
	diff.action(async (a: string, b: string, options: ConfigOptions & { json?: boolean; asBindings?: boolean }) => {
		const { diffSides } = await import('./config/diff.ts');
		io.exitCode = await diffSides(a, b, options, io);
	});
}

function defineTexts(command: Command, io: Io): void {
	const expand = command
		.command('expand')
		.description('Print the complete config as one file that stands alone.')
		.argument('<files...>', '.gin files, one config together');
	addConfigOptions(expand);
	expand.action(async (files: string[], options: ConfigOptions) => {
		const { expandConfig } = await import('./config/show.ts');
		await expandConfig(files, options, io);
	});
	command
		.command('fmt')
		.description('Format files in place; comments are kept.')
		.argument('<files...>', '.gin files; - formats standard input to standard output')
		.option('--check', 'change nothing; exit code 1 where a file is not formatted')
		.action(async (files: string[], options: { check?: boolean }) => {
			const { formatFiles } = await import('./config/fmt.ts');
			io.exitCode = formatFiles(files, options.check ?? false, io);
		});
	const port = command
		.command('port')
		.description("Print gin files of a Python project in gimlet's form, and say what does not fit; exit code 1 then.")
		.argument('<files...>', '.gin files');
	addConfigOptions(port);
	port.action(async (files: string[], options: ConfigOptions) => {
		const { portFiles } = await import('./config/port.ts');
		io.exitCode = await portFiles(files, options, io);
	});
	command
		.command('schema')
		.description('Print the JSON Schema of every parameter that can be bound.')
		.action(async () => {
			const { printSchema } = await import('./config/schema.ts');
			await printSchema(io);
		});
}
