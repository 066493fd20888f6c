// The part of the WebAssembly interface that the engine uses; TypeScript has it only together with the browser's DOM.
declare namespace WebAssembly {
	function validate(bytes: Uint8Array): boolean;
	class Memory {
		constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
		readonly buffer: ArrayBuffer;
	}
	class Module {
		constructor(bytes: Uint8Array);
	}
	class Instance {
		constructor(module: Module, imports: { [module: string]: { [name: string]: unknown } });
		readonly exports: { [name: string]: unknown };
	}
	interface Global {
		value: number;
	}
}
