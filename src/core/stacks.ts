/** The stack of an error, and of what caused it; the first cause last, as it is the one that names the user's file. */
export function stacksOf(failure: unknown): string {
	if (!(failure instanceof Error)) {
		return String(failure);
	}
	const own = failure.stack ?? failure.message;
	return failure.cause === undefined ? own : `${own}\nCaused by: ${stacksOf(failure.cause)}`;
}
