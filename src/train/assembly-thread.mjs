// The entry of the thread that assembles batches. Plain JavaScript: which form of the sources to load is the parent's to say.
import { fileURLToPath } from 'node:url';
import { workerData } from 'node:worker_threads';

const { module } = workerData;
if (module.endsWith('.ts')) {
	// The loader of the main thread does not reach here.
	const { register } = await import('tsx/esm/api');
	register({ tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)) });
}
const { serve } = await import(module);
await serve();
