// Reads the tables of a Markdown document, row by row. Cells are returned as they are; escaped bars in them
// are not supported.

/** Each table of a text, with its rows as objects that map the heads of the columns to cells. */
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

/** The cells under a head, row by row, of each table that has this column. */
export const cellsUnder = (head, text) =>
  tablesIn(text)
    .flat()
    .filter((row) => head in row)
    .map((row) => row[head]);

/** The code in a cell. */
export const codeIn = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
