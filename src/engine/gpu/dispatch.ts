import type { TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import type { Device, Pipeline } from './dawn.ts';
import { webgpu } from './webgpu.ts';

/** A number of a kernel's uniforms, in the order of its struct. */
export type Uniform = { readonly [type in 'u32' | 'i32' | 'f32']?: number };

/** One call of a compute shader of ours. */
export interface Dispatch {
	/** What distinguishes the shader's text from others; compiled once per device. */
	readonly key: string;
	readonly shader: () => string;
	/** Bound at 0, 1, …; the uniforms follow after the last. */
	readonly tensors: readonly TensorInfo[];
	readonly uniforms: readonly Uniform[];
	readonly groups: readonly [number, number?, number?];
}

const pipelines = new WeakMap<Device, Map<string, Pipeline>>();

// The usage bits of a buffer of uniforms that is written from the host: UNIFORM and COPY_DST.
const uniformUsage = 0x40 | 0x08;

/** Records a dispatch after those recorded before; nothing waits for it. */
export function dispatch({ key, shader, tensors, uniforms, groups }: Dispatch): void {
	const backend = webgpu();
	const pipeline = compiled(backend.device, key, shader);
	const buffers = tensors.map(({ dataId }) => {
		backend.uploadToGPU(dataId);
		return backend.tensorMap.get(dataId).resource!;
	});
	const words = packed(uniforms);
	const uniform = backend.bufferManager.acquireBuffer(words.byteLength, uniformUsage);
	backend.queue.writeBuffer(uniform, 0, words);
	backend.uniformPendingDisposal.push(uniform);
	const group = backend.device.createBindGroup({
		layout: pipeline.getBindGroupLayout(0),
		entries: [...buffers, uniform].map((buffer, binding) => ({ binding, resource: { buffer } })),
	});
	backend.ensureCommandEncoderReady();
	backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass({});
	const pass = backend.computePassEncoder;
	pass.setPipeline(pipeline);
	pass.setBindGroup(0, group);
	pass.dispatchWorkgroups(groups[0], groups[1] ?? 1, groups[2] ?? 1);
	for (const { dataId } of tensors) {
		backend.commandQueueOwnedIds.add(dataId);
	}
	backend.dispatchCountInPass++;
	if (backend.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
		backend.endComputePassEncoder();
		backend.submitQueue();
	}
}

/** The threads of a workgroup of kernels that do one element per thread. */
export const flatSize = 256;

/** Workgroups for so many threads in a row; a kernel finds its place by `flatIndex`. */
export function flatGroups(threads: number): [number, number] {
	const count = Math.max(1, Math.ceil(threads / flatSize));
	const most = webgpu().device.limits['maxComputeWorkgroupsPerDimension']!;
	return count <= most ? [count, 1] : [most, Math.ceil(count / most)];
}

/** The entry point of a kernel with one thread per element: `index` is the thread's place, below `uniforms.size`. */
export function flatMain(body: string): string {
	return `
@compute @workgroup_size(${flatSize})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
	let index = id.y * groups.x * ${flatSize}u + id.x;
	if (index < uniforms.size) {
${body}
	}
}`;
}

/** Declares the tensors and the uniforms of a shader in the order of a `Dispatch`. */
export function declarations(tensors: readonly string[], uniforms: readonly string[]): string {
	const buffers = tensors.map((text, binding) => {
		const [name, type, access = 'read'] = text.split(' ');
		return `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`;
	});
	return `
struct Uniforms { ${uniforms.join(', ')} }
${buffers.join('\n')}
@group(0) @binding(${tensors.length}) var<uniform> uniforms: Uniforms;`;
}

function compiled(device: Device, key: string, shader: () => string): Pipeline {
	let known = pipelines.get(device);
	if (known === undefined) {
		known = new Map();
		pipelines.set(device, known);
	}
	let pipeline = known.get(key);
	if (pipeline === undefined) {
		const module = device.createShaderModule({ code: shader(), label: key });
		pipeline = device.createComputePipeline({ layout: 'auto', label: key, compute: { module, entryPoint: 'main' } });
		known.set(key, pipeline);
	}
	return pipeline;
}

function packed(uniforms: readonly Uniform[]): ArrayBuffer {
	const bytes = new ArrayBuffer(Math.max(16, Math.ceil(uniforms.length / 4) * 16));
	const view = new DataView(bytes);
	for (const [i, { u32, i32, f32 }] of uniforms.entries()) {
		if (f32 !== undefined) {
			view.setFloat32(4 * i, f32, true);
		} else if (i32 !== undefined) {
			view.setInt32(4 * i, i32, true);
		} else {
			view.setUint32(4 * i, u32!, true);
		}
	}
	return bytes;
}
