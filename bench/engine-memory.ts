// Prints the numbers of tensors and the resident memory over many steps: engine-memory WORKLOAD TIER STEPS
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startEngine, stopEngine } from '../src/engine/backend.ts';
import { tf } from '../src/engine/tf.ts';
import { trainer } from './trainer.ts';
import type { TrainedName } from './workloads.ts';

const [, , name, tier, steps] = process.argv as string[];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
await startEngine({ backend: tier! });
const { train } = trainer(name as TrainedName);
const tensors: number[] = [];
const resident: number[] = [];
for (let step = 1; step <= Number(steps); step++) {
	await train();
	if (step === 2 || step % Math.ceil(Number(steps) / 10) === 0) {
		collectGarbage();
		tensors.push(tf.memory().numTensors);
		resident.push(Math.round(process.memoryUsage.rss() / 1e6));
	}
}
console.log(JSON.stringify({ tensors, early: resident[1], late: resident.at(-1) }));
await stopEngine();
