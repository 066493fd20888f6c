import type { Io, Program } from './main.ts';
import { printPath, say } from './output.ts';

/** `bin/trust.ts`: the user's own list of component files that may run where a run folder names them. */
export const trust: Program = {
	name: 'trust',
	define(command, io) {
		command.description(
			'Keep the list of your component files that may run where a run folder names them: as they were when it was made.',
		);
		command
			.command('add')
			.description('Trust files of components.')
			.argument('<files...>', 'TypeScript files of your own')
			.action(async (files: string[]) => each(files, (await list()).addTrusted, io));
		command
			.command('remove')
			.description('Trust files no longer.')
			.argument('<files...>', 'files on the list')
			.action(async (files: string[]) => each(files, (await list()).removeTrusted, io));
		command
			.command('list')
			.description('Print the files that are trusted, and where the list lies.')
			.action(async () => {
				const { trustedListPath, trustedPaths } = await list();
				each([...trustedPaths()], (path) => path, io);
				say(io, trustedListPath());
			});
	},
};

function list(): Promise<typeof import('../registry/trusted-list.ts')> {
	return import('../registry/trusted-list.ts');
}

function each(files: readonly string[], change: (file: string) => string, io: Pick<Io, 'stdout'>): void {
	for (const file of files) {
		printPath(io, change(file));
	}
}
