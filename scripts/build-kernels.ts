import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const source = fileURLToPath(new URL('../src/engine/kernels/', import.meta.url));

const threads = { compile: ['-DTHREADS', '-matomics'], link: ['--shared-memory', '--max-memory=4294967296'] };

/** The committed modules: one thread, and many threads on a shared memory; each also with fused multiply-add. */
export const modules = {
	'kernels.wasm': { compile: [] as string[], link: [] as string[], clang: 14 },
	'kernels-threads.wasm': { ...threads, clang: 14 },
	// Older compilers write the instructions of a draft.
	'kernels-relaxed.wasm': { compile: ['-mrelaxed-simd'], link: [] as string[], clang: 16 },
	'kernels-threads-relaxed.wasm': { ...threads, compile: [...threads.compile, '-mrelaxed-simd'], clang: 16 },
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

/** Builds one module into `folder` and returns its path, or undefined without a clang and wasm-ld that are new enough. */
export async function buildModule(name: ModuleName, folder: string): Promise<string | undefined> {
	const object = path.join(folder, `${name}.o`);
	const target = path.join(folder, name);
	const { compile, link, clang } = modules[name];
	const suffix = await toolSuffix(clang);
	if (suffix === undefined) {
		return undefined;
	}
	await execa(`clang${suffix}`, [...compileFlags, ...compile, '-c', '-o', object, path.join(source, 'kernels.c')]);
	await execa(`wasm-ld${suffix}`, [...linkFlags, ...link, '-o', target, object]);
	refuseData(target);
	return target;
}

// What follows the names of the first clang and wasm-ld of at least this version: nothing, or a version of their own.
async function toolSuffix(atLeast: number): Promise<string | undefined> {
	const newest = 24;
	const own = Array.from({ length: newest - atLeast + 1 }, (_, i) => `-${atLeast + i}`);
	for (const suffix of ['', ...own]) {
		const tools = [`clang${suffix}`, `wasm-ld${suffix}`].map((tool) => execa(tool, ['--version'], { reject: false }));
		const [compiler, linker] = await Promise.all(tools);
		const version = Number(/version (\d+)/.exec(compiler?.stdout ?? '')?.[1] ?? 0);
		if (version >= atLeast && linker?.exitCode === 0) {
			return suffix;
		}
	}
	return undefined;
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
		const built = await buildModule(name, folder);
		if (built === undefined) {
			console.error(`${name} needs clang and wasm-ld ${modules[name].clang} or newer`);
			process.exitCode = 1;
			continue;
		}
		await copyFile(built, path.join(source, name));
		console.error(`built src/engine/kernels/${name}`);
	}
	await rm(folder, { recursive: true });
}
