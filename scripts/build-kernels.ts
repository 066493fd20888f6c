import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const source = fileURLToPath(new URL('../src/engine/kernels/', import.meta.url));

/** The committed modules: one thread, and many threads on a shared memory. */
export const modules = {
	'kernels.wasm': { compile: [], link: [] },
	'kernels-threads.wasm': {
		compile: ['-DTHREADS', '-matomics'],
		link: ['--shared-memory', '--max-memory=4294967296'],
	},
} as const;

export type ModuleName = keyof typeof modules;

const compileFlags = [
	'--target=wasm32',
	'-std=gnu11',
	'-O2',
	'-ffreestanding',
	'-msimd128',
	// A taller tile, and pointers where indices would do, cost V8 spilled registers: both were measured.
	'-DVL=4',
	'-DMR=4',
	'-mllvm',
	'-disable-lsr',
	'-mbulk-memory',
	'-mmutable-globals',
	'-fno-math-errno',
	'-fno-trapping-math',
	'-ffp-contract=fast',
];
const linkFlags = ['--no-entry', '--import-memory', '--export=__stack_pointer', '--strip-all'];

/** Builds one module into `folder` with clang and wasm-ld and returns its path. */
export async function buildModule(name: ModuleName, folder: string): Promise<string> {
	const object = path.join(folder, `${name}.o`);
	const target = path.join(folder, name);
	const { compile, link } = modules[name];
	await execa('clang', [...compileFlags, ...compile, '-c', '-o', object, path.join(source, 'kernels.c')]);
	await execa('wasm-ld', [...linkFlags, ...link, '-o', target, object]);
	refuseData(target);
	return target;
}

// The module lives on another's memory: a data segment would overwrite what is there.
function refuseData(file: string): void {
	const bytes = readFileSync(file);
	const dataSection = 11;
	for (let at = 8; at < bytes.length; ) {
		const id = bytes[at]!;
		const { value: size, next } = unsignedAt(bytes, at + 1);
		if (id === dataSection) {
			throw new Error(`${file} has a data segment of ${size} bytes; the kernels must have none`);
		}
		at = next + size;
	}
}

// LEB128, the number format of WebAssembly.
function unsignedAt(bytes: Uint8Array, from: number): { value: number; next: number } {
	let value = 0;
	let at = from;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++]!;
		value += (byte & 0x7f) * 2 ** shift;
		if (byte < 0x80) {
			return { value, next: at };
		}
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { mkdtemp, copyFile, rm } = await import('node:fs/promises');
	const { tmpdir } = await import('node:os');
	const folder = await mkdtemp(path.join(tmpdir(), 'kernels-'));
	for (const name of Object.keys(modules) as ModuleName[]) {
		await copyFile(await buildModule(name, folder), path.join(source, name));
		console.error(`built src/engine/kernels/${name}`);
	}
	await rm(folder, { recursive: true });
}
