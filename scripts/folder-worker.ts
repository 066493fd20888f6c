/** Runs programs one after the other for scripts/folder-fuzz.ts, each on its own arguments, and answers how it ended. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeOn } from '../src/commands/worker/disguise.ts';
import { type Asked, outcomeOf } from './folder-programs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
process.argv[1] = join(root, 'bin', 'train.ts');

process.on('message', async ({ program, args, cwd, env }: Asked) => {
	const forget = takeOn({ name: program, args, cwd, env: { ...(process.env as Record<string, string>), ...env } });
	try {
		const began = performance.now();
		const outcome = await outcomeOf({ program, args, cwd });
		process.send!({ ...outcome, ms: performance.now() - began, rss: process.resourceUsage().maxRSS * 1024 });
	} finally {
		forget();
	}
});
