// `npm run import` of tables as spreadsheets write them: how a file is read, on its own, and what the
// command says and does against a running Worker.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { integration, startKombo } from "../dev/kombo-integrations.mjs";
import { rowsIn } from "../scripts/import/table.mjs";
import { command, commandWith } from "./command.mjs";
import { TOKENS, deliver, document, keys, makeEvent, startTestbed } from "./testbed.mjs";

const read = (text, isCompleted = false) => rowsIn(text, { isCompleted });
const requests = (text) => read(text).rounds[0].map(({ path, body }) => ({ path, ...body }));
const TWO = [
  {
    path: "/v1/integrations/hibob%3AA/customer",
    ...{ origin_id: "42", import: true, tool: "hibob", category: "HRIS" },
    organization_name: "Müller; Söhne",
  },
  {
    path: "/v1/integrations/lever%3AB/customer",
    ...{ origin_id: "43", import: true, tool: "lever", category: "ATS" },
  },
];

describe("a table", () => {
  test("is read with any delimiter, header, order and line ending of a spreadsheet", () => {
    const names = ["origin_id", "integration_id", "tool", "category", "organization"];
    const rows = [
      ["42", "hibob:A", "hibob", "HRIS", '"Müller; Söhne"'],
      ["43", "lever:B", "lever", "ats", ""],
    ];
    const written = (delimiter, end, header = names) =>
      [header, ...rows].map((row) => row.join(delimiter)).join(end);
    const titles = ["Origin ID", " INTEGRATION-ID ", "Tool", "category", "Organization "];
    for (const delimiter of [",", ";", "\t"]) {
      for (const end of ["\n", "\r\n", "\r\n\r\n"])
        assert.deepEqual(requests(written(delimiter, end)), TWO);
      assert.deepEqual(requests(written(delimiter, "\n", titles)), TWO);
      assert.deepEqual(requests(`sep=${delimiter}\r\n${written(delimiter, "\r\n")}`), TWO);
    }
    const turned = [names, ...rows].map((row) => [...row].reverse().join(",")).join("\n");
    assert.deepEqual(requests(`${turned}\n,,,,\n`), TWO, "and an empty row is skipped");
  });

  test("may have other columns, which are named and ignored", () => {
    const { warnings, problems } = read("Notes,origin_id,integration_id,category,\nx,1,a:b,ATS,y");
    assert.deepEqual(warnings, ["Ignored columns: Notes."]);
    assert.deepEqual(problems, []);
    assert.throws(() => read("Origin ID,origin_id,integration_id\n1,1,a:b"), /origin_id twice/);
    assert.throws(
      () => read("customer;id\n1;2"),
      /no column origin_id\. Its first row is: customer, id/,
    );
    assert.throws(() => read(""), /no column origin_id/);
  });

  test("with a row that is ragged or not closed is reported with the number of the row", () => {
    const head = "origin_id,integration_id,category,organization\n";
    const { problems, rounds } = read(
      `${head}1,a:1,ATS,"two\nlines"\n\n2,a:2,ATS\n3,a:3,ATS,Acme, Inc.\n4,a:4,ATS,x`,
    );
    assert.deepEqual(problems, [
      "row 4 (customer 2): it has 1 value too few",
      "row 5 (customer 3): it has 1 value too many. Put values that contain the delimiter in quotes",
    ]);
    assert.deepEqual(
      rounds[0].map(({ name }) => name),
      ["row 2 (customer 1)", "row 6 (customer 4)"],
    );
    assert.throws(
      () => read(`${head}1,a:1,ATS,x\n2,a:2,ATS,"Acme\n`),
      /opens in line 3 is never closed/,
    );
    assert.throws(() => read(`${head}1,a:1,ATS,"A"cme\n`), /Line 2 has a misplaced quote/);
    assert.throws(() => read(`${head}1,a:1,ATS,A"cme"\n`), /Line 2 has a misplaced quote/);
  });

  test("without categories is warned of, once for the column and else for the row", () => {
    const once = read("origin_id,integration_id\n1,a:1\n2,a:2");
    assert.equal(once.warnings.length, 1);
    assert.match(once.warnings[0], /no column category\. `current` does not show/);
    const rows = read("origin_id,integration_id,category\n1,a:1,\n2,a:2,LMS");
    assert.equal(rows.warnings.length, 1);
    assert.match(rows.warnings[0], /^row 2 \(customer 1\): it has no category\. `current`/);
    assert.equal(rows.rounds[0].length, 2);
    assert.deepEqual(read("origin_id,integration_id\n1,a:1", true).warnings, []);
  });

  test("with a value that nobody knows is refused row by row", () => {
    const problem = (row) => {
      const head = "origin_id,integration_id,tool,category,connected_at";
      const { problems } = read(`${head}\n${row}`);
      return problems[0]?.replace(/^row 2 \(customer .*?\): /, "");
    };
    assert.match(
      problem("1,a:1,,HR,"),
      /^unknown category "HR": it must be HRIS, ATS, ASSESSMENT, LMS/,
    );
    assert.match(problem("1,a:1,nothing,ATS,"), /^unknown tool "nothing"/);
    assert.match(problem("1.2E+10,a:1,,ATS,"), /shortened: format the column as text/);
    for (const time of ["5/1/2024", "01.05.2024", "2024-13-01", "soon"])
      assert.match(problem(`1,a:1,,ATS,${time}`), /^connected_at is not a date-time/, time);
    for (const fine of ["1,a:1,a,hris,2024-05-01", "1,hibob:1,HiBob,assessment,", "1,x:1,,,"])
      assert.equal(problem(fine), undefined, fine);
  });

  test("may give a time without a zone, which is UTC, and a tool as Slack shows it", () => {
    const head = "origin_id,integration_id,tool,connected_at\n";
    const one = (tool, time) => requests(`${head}1,successfactors:1,${tool},${time}`)[0];
    const times = ["2024-05-01 12:00", "2024-05-01T12:00:00", "2024-05-01T14:00:00+02:00"];
    for (const time of times) assert.equal(one("", time).connected_at, "2024-05-01T12:00:00.000Z");
    assert.equal(one("", "2024-05-01").connected_at, "2024-05-01T00:00:00.000Z");
    assert.equal(one("SAP SuccessFactors", "").tool, "successfactors");
    const text = `${head}1,payfitpartner:1,PayFit,`;
    assert.equal(requests(text)[0].tool, "payfitpartner", "the id says which of two");
  });
});

describe("the import", { concurrency: true }, () => {
  test("says in a dry run what each row would do, and changes nothing", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    await deliver(
      edge,
      makeEvent("integration-created", { originId: "7", integrationId: "hibob:Held" }),
    );
    const unassigned = makeEvent("integration-created:nulls", { integrationId: "hibob:Free" });
    await deliver(edge, unassigned);
    await document(edge, "customer:7");
    await document(edge, "unassigned:hibob:Free");
    const before = await keys(edge);
    const file = join(folder, "Table.CSV");
    writeFileSync(
      file,
      "\uFEFFOrigin ID;Integration ID;Category;Owner\r\n42;hibob:New;HRIS;Jo\r\n7;hibob:Held;HRIS;\r\n8;hibob:Held2;HRIS;\r\n9;hibob:Free;HRIS;\r\n10;hibob:X;HR;\r\n",
    );
    const fine = await command(edge, "import", file, "--dry-run");
    assert.equal(fine.code, 1);
    for (const line of [
      "Ignored columns: Owner.",
      "row 2 (customer 42): new",
      "row 3 (customer 7): already assigned to this customer; would be updated",
      "row 4 (customer 8): new",
      "row 5 (customer 9): known without a customer; would be assigned",
      'row 6 (customer 10): unknown category "HR": it must be HRIS, ATS, ASSESSMENT, LMS, or empty',
      "4 would be imported. This was a dry run: nothing was changed.",
      "1 would not be imported.",
    ])
      assert.ok(fine.printed.split("\n").includes(line), `${line}\n${fine.printed}`);

    writeFileSync(file, "origin_id,integration_id,category\n8,hibob:Held,HRIS\n");
    const conflict = await command(edge, "import", file, "--dry-run");
    assert.equal(conflict.code, 1);
    assert.match(conflict.printed, /row 2 \(customer 8\): 409 Conflict: it belongs to customer 7/);
    assert.deepEqual((await keys(edge)).sort(), before.sort());
  });

  test("says once that a token or a key is wrong, before it imports anything", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const kombo = await startKombo({ keys: {}, integrations: { "a:1": integration("a:1") } });
    t.after(() => kombo.stop());
    const file = join(folder, "table.csv");
    const rows = Array.from({ length: 30 }, (_, at) => `${at},a:${at}`);
    writeFileSync(file, ["origin_id,integration_id", ...rows].join("\n"));
    const once = ({ code, printed }, pattern) => {
      assert.equal(code, 1);
      assert.equal(printed.match(pattern)?.length, 1, printed);
      assert.doesNotMatch(printed, /imported\.|^row/m, printed);
    };
    for (const dry of [[], ["--dry-run"]]) {
      for (const token of ["x".repeat(16), TOKENS.API_READ_TOKEN]) {
        const it = await command({ url: edge.url, token }, "import", file, ...dry);
        once(it, /rejects the token\. Pass the API_TOKEN of this Worker/g);
      }
      const env = { KOMBO_API_KEY: "wrong", KOMBO_API_URL: kombo.url };
      once(await commandWith(env, edge, "import", file, ...dry), /Kombo rejects KOMBO_API_KEY/g);
    }
    assert.deepEqual(await keys(edge), []);
  });
});
