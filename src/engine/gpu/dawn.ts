import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { hasLoader, preloadLoader, softwareDriver } from './vulkan.ts';

const require = createRequire(import.meta.url);

/** The part of WebGPU that the engine uses; the names are the standard's. */
export interface Device {
	readonly queue: { writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBuffer): void };
	readonly limits: { readonly [name: string]: number };
	readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
	createShaderModule(descriptor: { code: string; label?: string }): object;
	createComputePipeline(descriptor: object): Pipeline;
	createBindGroup(descriptor: object): object;
	addEventListener?(type: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
	destroy(): void;
}

export interface GpuBuffer {
	readonly size: number;
	readonly usage: number;
}

export interface Pipeline {
	getBindGroupLayout(index: number): object;
}

export interface Adapter {
	readonly info: AdapterFacts & { readonly isFallbackAdapter?: boolean };
	readonly features: ReadonlySet<string>;
	readonly limits: { readonly [name: string]: number };
	requestDevice(descriptor: object): Promise<Device>;
}

/** What an adapter says of itself. */
export interface AdapterFacts {
	readonly vendor: string;
	readonly architecture: string;
	readonly device: string;
	readonly description: string;
}

interface Dawn {
	create(options: string[]): { requestAdapter(options: object): Promise<Adapter | null> };
	readonly globals: object;
}

// Collected as garbage, an instance takes what its devices need with it.
const instances: object[] = [];

/** What WebGPU found, or why there is nothing to compute on. */
export type Found = { readonly adapter: Adapter; readonly software: boolean } | { readonly missing: string };

/**
 * Looks for a WebGPU adapter, first one of hardware. Software ones, which compute on the CPU and are slow, are taken only
 * where `allowSoftware` says so; SwiftShader is then also looked for where Debian's chromium has it.
 */
export async function findAdapter(allowSoftware: boolean): Promise<Found> {
	const dawn = await loadDawn();
	if (typeof dawn === 'string') {
		return { missing: dawn };
	}
	const first = hasLoader() ? await request(dawn) : null;
	const adapter = first ?? (allowSoftware ? await requestSoftware(dawn) : null);
	if (adapter === null) {
		return {
			missing: hasLoader()
				? 'Vulkan has no driver (no ICD) that WebGPU accepts; install the graphics driver, or name its file in VK_DRIVER_FILES'
				: 'there is no Vulkan loader (libvulkan.so.1); install it (Debian: libvulkan1) with the graphics driver',
		};
	}
	const software = isSoftware(adapter.info);
	if (software && !allowSoftware) {
		return {
			missing:
				`Vulkan offers only a software adapter, "${nameOf(adapter.info)}", which computes on the CPU; install the ` +
				'graphics driver, or, to try things out, set device.allow_software = True',
		};
	}
	return { adapter, software };
}

/** What people call the adapter. */
export function nameOf({ vendor, device, description }: AdapterFacts): string {
	return [vendor, device, description].filter((part) => part !== '').join(', ');
}

async function loadDawn(): Promise<Dawn | string> {
	let file: string;
	try {
		file = require.resolve('webgpu');
	} catch {
		return 'the package webgpu is not installed';
	}
	try {
		const dawn = (await import(pathToFileURL(file).href)) as Dawn;
		// The backend uses names such as GPUBufferUsage, which a browser has.
		Object.assign(globalThis, dawn.globals);
		return dawn;
	} catch (error) {
		return `the package webgpu does not load here: ${(error as Error).message.split('\n')[0]}`;
	}
}

// GIMLET_DAWN holds options of Dawn, for measurements: GIMLET_DAWN='enable-dawn-features=skip_validation'.
async function request(dawn: Dawn): Promise<Adapter | null> {
	const options = (process.env['GIMLET_DAWN'] ?? '').split(';').filter((option) => option !== '');
	const instance = dawn.create(options);
	instances.push(instance);
	return instance.requestAdapter({ powerPreference: 'high-performance' });
}

async function requestSoftware(dawn: Dawn): Promise<Adapter | null> {
	const driver = softwareDriver();
	if (driver === undefined) {
		return null;
	}
	preloadLoader(driver.loader);
	process.env['VK_DRIVER_FILES'] ??= driver.file;
	return request(dawn);
}

function isSoftware(info: Adapter['info']): boolean {
	const words = `${info.architecture} ${info.device} ${info.description}`;
	return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software|basic render/iu.test(words);
}
