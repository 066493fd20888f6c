import type { WebgpuBackend } from './webgpu.ts';

/**
 * WGSL: whether x is NaN, asked of its bits. Compilers may take it that there is no NaN, so that comparisons, `max` and
 * functions drop it.
 */
export const isNaNFunction = 'fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }';

/** WGSL: x above zero, else zero; NaN stays. Needs `isNaNFunction`. */
export const reluFunction = 'fn relu(x: f32) -> f32 { return select(max(x, 0f), x, isNaN(x)); }';

/** A program of the stock backend; the names are its own. */
export interface Program {
	readonly shaderKey: string;
	getUserCode(): string;
}

/** Has the stock backend's functions and activations of one value give NaN for NaN. */
export function keepNaN(backend: WebgpuBackend): void {
	const { runWebGPUProgram } = backend;
	backend.runWebGPUProgram = (program, ...rest) => {
		const write = program.getUserCode;
		program.getUserCode = () => guarded(write.call(program));
		return runWebGPUProgram.call(backend, program, ...rest);
	};
}

// Of these the answer to NaN is a number: isNaN itself, and conversions.
const answersNaN = /return f32\((?:!|is|i32)/u;
const definition = /fn (unaryOperation|activation)\(a : (f32|vec4<f32>)(, coords : vec\d<i32>)?\) -> \S+ \{/u;

const below = '(vec4<f32>(1.0) - aLessThanZero) * a';
/** What the stock shaders of local response normalisation, PReLU and leaky relu say, and what they are to say. */
export const replacements: { readonly [text: string]: string } = {
	'powValue = exp(log(basis) * (-uniforms.beta));':
		'powValue = select(exp(log(basis) * (-uniforms.beta)), basis, isnan(basis));',
	[`(aLessThanZero * (b * a)) + (${below})`]: 'select(a, b * a, a < vec4<f32>(0.0))',
	[`(aLessThanZero * (uniforms.alpha * a)) + (${below})`]: 'select(a, uniforms.alpha * a, a < vec4<f32>(0.0))',
};

/** The text of a shader that keeps NaN: its function of one value, if it has one, asks for it first. */
export function guarded(stock: string): string {
	const code = Object.entries(replacements).reduce((text, [from, to]) => text.replace(from, to), stock);
	const found = definition.exec(code);
	if (found === null || (found[1] === 'unaryOperation' && answersNaN.test(code))) {
		return code;
	}
	const [whole, name, type, coords = ''] = found;
	const test = type === 'f32' ? 'isnan' : 'isnanVec4';
	const rest = coords === '' ? '' : ', coords';
	return `${code.replace(whole, whole.replace(name!, `${name}OfNumber`))}
fn ${name}(a : ${type}${coords}) -> ${type} { return select(${name}OfNumber(a${rest}), a, ${test}(a)); }`;
}
