// The tables of a document in Markdown, row by row. Cells are taken as they stand; one that holds an
// escaped bar is not understood.

/** Each table of a text: the rows as objects of the cells by the heads of their columns. */
export function tablesIn(text) {
  const tables = text.match(/(?:^\|.*(?:\n|$))+/gm) ?? [];
  return tables.map((table) => {
    const lines = table.trim().split("\n");
    const [heads, , ...rows] = lines.map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    return rows.map((row) => Object.fromEntries(heads.map((head, at) => [head, row[at]])));
  });
}

/** The cells under a head, row by row, of each table that has such a column. */
export const cellsUnder = (head, text) =>
  tablesIn(text)
    .flat()
    .filter((row) => head in row)
    .map((row) => row[head]);

/** What stands in code marks in a cell. */
export const codeIn = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
