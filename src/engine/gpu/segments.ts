import { declarations, dispatch } from './dispatch.ts';
import { areFloat, defineKernel, output, sizeOf } from './kernel.ts';
import { webgpu } from './webgpu.ts';

/**
 * Sums of rows that share an id: the gradient of a lookup. The stock kernel adds with atomics, in an order that changes
 * from run to run; here a workgroup owns a segment and goes over all ids in order.
 */
export function defineSegments(): void {
	defineKernel('UnsortedSegmentSum', ({ x, segmentIds }, attrs) => {
		const segments = attrs['numSegments'] as number;
		const count = sizeOf(segmentIds!.shape);
		const columns = sizeOf(x!.shape.slice(1));
		if (!areFloat(x) || segmentIds!.dtype !== 'int32' || x!.shape[0] !== count || segments * columns === 0) {
			return undefined;
		}
		const out = output([segments, ...x!.shape.slice(1)]);
		const most = webgpu().device.limits['maxComputeWorkgroupsPerDimension']!;
		dispatch({
			key: 'segment sum',
			shader,
			tensors: [x!, segmentIds!, out],
			uniforms: [{ u32: segments }, { u32: count }, { u32: columns }],
			groups: [Math.min(segments, most), Math.ceil(columns / 64), Math.ceil(segments / most)],
		});
		return out;
	});
}

const shader = () => `${declarations(
	['x f32', 'ids i32', 'result f32 read_write'],
	['segments: u32', 'count: u32', 'columns: u32'],
)}
var<workgroup> some: array<i32, 64>;

@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) group: vec3u,
	@builtin(num_workgroups) groups: vec3u,
	@builtin(local_invocation_index) place: u32,
) {
	let segment = group.z * groups.x + group.x;
	let column = group.y * 64u + place;
	var total = 0f;
	for (var first = 0u; first < uniforms.count; first += 64u) {
		some[place] = -1;
		if (first + place < uniforms.count) { some[place] = ids[first + place]; }
		workgroupBarrier();
		for (var i = 0u; i < 64u; i++) {
			if (some[i] == i32(segment) && column < uniforms.columns) {
				total += x[(first + i) * uniforms.columns + column];
			}
		}
		workgroupBarrier();
	}
	if (segment < uniforms.segments && column < uniforms.columns) {
		result[segment * uniforms.columns + column] = total;
	}
}`;
