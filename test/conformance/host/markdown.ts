/** A printed config as Markdown: headings for its sections, code blocks for its lines. */
export function toMarkdown(text: string): string {
	return splitLines(text).map(convert).join('\n');
}

function convert(line: string): string {
	if (!line.startsWith('#')) {
		return `    ${line}`;
	}
	const title = line.slice(2);
	if (title.startsWith('====')) {
		return '';
	}
	if (title.startsWith('None')) {
		return '    # None.';
	}
	return title.endsWith(':') ? `#### ${title}` : title;
}

// The last line end ends a line and begins none.
function splitLines(text: string): string[] {
	const lines = text.split(/\r\n|[\n\r\v\f\u2028\u2029]/);
	if (lines.at(-1) === '') {
		lines.pop();
	}
	return lines;
}
