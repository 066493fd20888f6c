// Prints a hash of the weights after a few steps: engine-hash WORKLOAD TIER THREADS [STEPS]
import { createHash } from 'node:crypto';
import { startEngine, stopEngine } from '../src/engine/backend.ts';
import { trainer } from './trainer.ts';
import type { TrainedName } from './workloads.ts';

const [, , name, tier, threads, steps = '4'] = process.argv as string[];

await startEngine({ backend: tier!, threads: Number(threads) });
const { variables, train } = trainer(name as TrainedName);
for (let step = 0; step < Number(steps); step++) {
	await train();
}
const hash = createHash('sha256');
for (const variable of variables) {
	hash.update(new Uint8Array((await variable.data()).slice().buffer));
}
console.log(hash.digest('hex').slice(0, 16));
await stopEngine();
