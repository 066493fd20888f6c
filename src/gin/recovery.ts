const statementLine =
	/[ \t]*(?:[A-Za-z_][\w./]*[ \t]*(?:=(?!=)|\|=|:[ \t\r]*(?:#.*)?$)|(?:import|from|include|extends|use|unset)[ \t])/my;

/** Whether the line at `lineStart` looks like a statement indented no deeper than the one at `start`. */
export function startsStatement(text: string, lineStart: number, start: number): boolean {
	statementLine.lastIndex = lineStart;
	return statementLine.test(text) && indentation(text, lineStart) <= start - (text.lastIndexOf('\n', start - 1) + 1);
}

/** The first line below the one of `start` that looks like a statement. */
export function nextStatementLine(text: string, start: number): number | undefined {
	for (let at = text.indexOf('\n', start); at !== -1; at = text.indexOf('\n', at + 1)) {
		statementLine.lastIndex = at + 1;
		if (statementLine.test(text)) {
			return at + 1;
		}
	}
	return undefined;
}

function indentation(text: string, lineStart: number): number {
	let end = lineStart;
	while (text[end] === ' ' || text[end] === '\t') {
		end++;
	}
	return end - lineStart;
}
