// How every command explains itself: one layout of --help, and errors that name the wrong argument. No
// error shows a stack trace, whatever is missing, damaged or forbidden.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { inProject } from "../scripts/project.mjs";
import { messageOf } from "../scripts/stop.mjs";

const { scripts } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
const PRELOAD = "node -r ./scripts/node-version.cjs ";
/** The scripts of package.json, each with its file and the arguments in its line. */
const files = Object.entries(scripts).map(([name, line]) => ({
  name,
  file: line.slice(PRELOAD.length).split(" "),
}));
const PROGRAM = "bin/kombo-edge.mjs";

/** A new folder, removed after the test, which is also that of the local state. */
function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command of the program as a user would, with an empty environment of its own. */
const runCommand = (name, args = [], env = {}) => run([PROGRAM, name], args, env);

/** Runs a script in the same way. */
async function run([file, ...first], args = [], env = {}) {
  const none = { KOMBO_EDGE_URL: "", API_TOKEN: "", KOMBO_API_KEY: "", KOMBO_WEBHOOK_SECRET: "" };
  const all = { ...process.env, ...none, KOMBO_EDGE_DEBUG: "", ...env };
  for (const [name, value] of Object.entries(all)) if (value === "") delete all[name];
  const child = spawn(process.execPath, [inProject(file), ...first, ...args], {
    env: all,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close");
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await exited;
  return { code, out, printed: out + error };
}

/** Fails unless a command ended with an error that a user understands. */
function assertExplained({ code, printed }, pattern, expected = 1) {
  assert.equal(code, expected, printed);
  assert.match(printed, pattern);
  assert.doesNotMatch(printed, /^\s+at /m, "a stack trace");
}

describe("a command", { concurrency: 2 }, () => {
  test("is started only by a Node that can parse it, for every script", () => {
    for (const [name, line] of Object.entries(scripts)) assert.ok(line.startsWith(PRELOAD), name);
    const file = JSON.stringify(inProject("scripts", "node-version.cjs"));
    const old = (version) => {
      const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
      const args = ["-e", `${pretend} require(${file});`];
      return spawnSync(process.execPath, args, { encoding: "utf8" });
    };
    for (const version of ["0.10.48", "12.22.12", "16.20.2"]) {
      const { status, stderr } = old(version);
      assert.equal(status, 1, version);
      assert.match(
        stderr,
        /^\nkombo-edge needs a newer Node: this is .*https:\/\/nodejs\.org\.\n$/,
      );
    }
    for (const version of ["18.0.0", "22.23.2", "100.0.0"]) assert.equal(old(version).status, 0);
    // It must work on any Node, so it is written as for the first ones.
    const source = readFileSync(inProject("scripts", "node-version.cjs"), "utf8");
    assert.doesNotMatch(source.replace(/\/\/.*/g, ""), /\b(const|let|class|import)\b|=>|`|\?[.?]/);
  });

  test("is in the help of the program, with what it does", async () => {
    for (const args of [["--help"], []]) {
      const { code, out, printed } = await run([PROGRAM, ...args]);
      assert.equal(code, 0, printed);
      const operating = files.filter(({ file: [path] }) => path === PROGRAM);
      assert.ok(operating.length > 10);
      for (const { name } of operating) assert.match(out, new RegExp(`^  ${name} {2,}[A-Z]`, "m"));
      for (const line of out.split("\n")) assert.ok(line.length <= 100, line);
    }
  });

  test("is called by its name, and the nearest name is suggested", async () => {
    assertExplained(await runCommand("mut"), /^\nThere is no command "mut"\. Did you mean mute\?/);
    assertExplained(await runCommand("--wrong"), /^\nUnknown option --wrong\./);
    const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
    assert.equal((await runCommand("--version")).out, `${version}\n`);
  });

  for (const { name, file } of files) {
    test(`npm run ${name} answers --help in the common layout`, async () => {
      const { code, out, printed } = await run(file, ["--help"]);
      assert.equal(code, 0, printed);
      const [usage, , ...rest] = out.split("\n\n");
      for (const line of usage.split("\n"))
        assert.match(line, /^(Usage:|\s{6}) npm (start|run [\w:]+( -- .+)?)$/);
      assert.match(
        rest[0],
        /^Options:\n(  --[\w-]+( <\w+>)? {2,}\S.*\n( {5,}\S.*\n)*)*  --help +show/,
      );
      for (const line of out.split("\n")) assert.ok(line.length <= 100, line);
    });

    test(`npm run ${name} says which option it does not know`, async () => {
      const expected = name === "doctor" ? 2 : 1;
      assertExplained(await run(file, ["--wrong=x"]), /^\nUnknown option --wrong\.\n/, expected);
    });
  }

  test("says which argument is wrong, in every way it can be", async () => {
    const wrong = [
      ["send", [], /The event is missing/],
      ["send", ["nothing"], /Unknown event "nothing"/],
      ["send", ["integration-created", "again"], /Unexpected argument "again"/],
      ["send", ["integration-created", "--url", "nowhere"], /--url is not a URL .*: nowhere/],
      ["mute", ["--off"], /<customer id> is missing/],
      ["mute", ["42"], /--for is missing/],
      ["mute", ["42", "--for"], /--for needs a value/],
      ["mute", ["42", "--for", "soon"], /--for must be a time such as 24h, not "soon"/],
      ["mute", ["42", "--for", "31d"], /--for is at most 30d, not 31d/],
      ["mute", ["42", "--for", "1h", "--off"], /--for and --off exclude each other/],
      ["mute", ["42", "--off=yes"], /--off takes no value/],
      ["assign", ["abc", "--origin-id", "1", "--release"], /--origin-id and --release exclude/],
      ["assign", ["abc", "--release"], /--release requires --held-by/],
      ["export", [], /--out is missing/],
      ["mapping", ["1", "2"], /Unexpected argument "2"/],
      ["simulate", ["--seeds", "many"], /--seeds must be a whole number, not "many"/],
      ["fuzz", ["--seconds", "0"], /--seconds must be a whole number/],
      ["torture", ["--kills", "0"], /--kills must be at least 1/],
      ["test", ["--only", "some"], /--only must be "host" or "runtime", not "some"/],
      [
        "ask",
        ["GET", "/v1/status", "--url", "localhost:8787"],
        /--url is not a URL such as https:/,
      ],
    ];
    for (const [name, args, pattern] of wrong) {
      const { file } = files.find((one) => one.name === name);
      assertExplained(await run(file, args, { API_TOKEN: "x".repeat(16) }), pattern);
    }
  });
});

describe("an error", { concurrency: 2 }, () => {
  test("of a file says which one, and what to do", async (t) => {
    const folder = folderFor(t);
    const latin1 = join(folder, "latin1.csv");
    writeFileSync(
      latin1,
      Buffer.from("origin_id,integration_id,organization\n1,a:b,M\xfcller", "latin1"),
    );
    const utf16 = join(folder, "utf16.csv");
    writeFileSync(utf16, Buffer.from("\uFEFForigin_id", "utf16le"));
    const broken = join(folder, "broken.ndjson");
    writeFileSync(broken, '{"class":"integration","rows":{}}\n{"class":"toString"}\nnull\n{');
    const url = ["--url", "http://127.0.0.1:9", "--token", "x".repeat(16)];
    const faults = [
      ["import", [join(folder, "none.csv")], /none\.csv does not exist\. Check the name/],
      ["import", [join(folder, "none", "a.csv")], /The folder .*none does not exist\. Create it/],
      ["import", [folder], /is a folder, not a file/],
      ["import", [join(latin1, "a.csv")], /a part of its path is a file/],
      ["import", [latin1], /latin1\.csv is not UTF-8, but probably Latin-1.*Save it as UTF-8/],
      ["import", [utf16], /utf16\.csv is UTF-16\. Save it as UTF-8/],
      ["import", [inProject("README.md")], /neither a \.csv nor a \.ndjson file/],
      ["import", [broken], /line 1 is not a backup\nline 2 is not a backup\nline 3 .*\nline 4 /],
      ["send", ["--file", join(folder, "none.json")], /none\.json does not exist/],
      ["send", ["--file", folder], /is a folder, not a file/],
    ];
    for (const [name, args, pattern] of faults)
      assertExplained(await runCommand(name, [...args, ...(name === "send" ? [] : url)]), pattern);
  });

  test("of a file that may not be read, of a full or of a read-only disk is explained", async (t) => {
    const of = (code, path) => messageOf(Object.assign(new Error(code), { code, path }));
    assert.match(of("EROFS", "/x/y"), /\/x\/y is on a read-only disk\. Choose a place/);
    assert.match(of("ENOSPC", "/x/y"), /The disk is full\. Free some space/);
    assert.match(of("EACCES", "/x/y"), /This user may not access \/x\/y\. Change its permissions/);
    assert.match(of("EPERM", "/x/y"), /This user may not access/);
    if (process.getuid() === 0) return;
    const file = join(folderFor(t), "secret.csv");
    writeFileSync(file, "");
    chmodSync(file, 0);
    assertExplained(await runCommand("import", [file]), /This user may not access .*secret\.csv/);
  });

  test("that nobody expected is shown without a stack trace, unless one is asked for", () => {
    const error = new TypeError("x is not a function");
    assert.match(messageOf(error), /^An unexpected error: x is not a function\nThis is a bug/);
    assert.doesNotMatch(messageOf(error), /^\s+at /m);
    process.env.KOMBO_EDGE_DEBUG = "1";
    assert.match(messageOf(error), /^\s+at /m);
    delete process.env.KOMBO_EDGE_DEBUG;
    for (const odd of [undefined, null, "text"])
      assert.match(messageOf(odd), /^An unexpected error/);
  });

  test("of the local state says what to do with it", async (t) => {
    const folder = folderFor(t);
    const env = { KOMBO_EDGE_STATE: folder };
    const file = join(folder, "testbed.json");
    for (const damaged of ["", "{", "null", "[]", '{"pid":1,"webhookUrl":"x"}']) {
      writeFileSync(file, damaged);
      for (const name of ["start", "mapping", "send"]) {
        const args = name === "send" ? ["integration-created"] : [];
        assertExplained(
          await runCommand(name, args, env),
          /testbed\.json is damaged\. .*Delete the file/,
        );
      }
    }
  });

  test("is not that npm start runs, if another process got its id", async (t) => {
    const folder = folderFor(t);
    const facts = {
      webhookUrl: "http://127.0.0.1:9/webhooks/kombo",
      controlUrl: "http://127.0.0.1:9",
    };
    const write = (startedAt) =>
      writeFileSync(
        join(folder, "testbed.json"),
        JSON.stringify({ pid: process.pid, startedAt, ...facts }),
      );
    const mapping = () => runCommand("mapping", [], { KOMBO_EDGE_STATE: folder });
    write(Date.now() - process.uptime() * 1000);
    assertExplained(await mapping(), /`npm start` does not respond/);
    write(Date.now() - 86_400_000);
    assertExplained(await mapping(), /`npm start` isn't running/);
  });

  test("names old local data, and how to go on without it", async (t) => {
    const folder = folderFor(t);
    mkdirSync(join(folder, "worker"));
    for (const format of [undefined, "0", "99"]) {
      if (format) writeFileSync(join(folder, "format"), format);
      const it = await runCommand("start", [], { KOMBO_EDGE_STATE: folder });
      assertExplained(it, /was stored by another version of kombo-edge.*\n.*rm -r '.*kombo-edge-/);
    }
  });

  test("of a state folder that can't be made says which one", async (t) => {
    const file = join(folderFor(t), "file");
    writeFileSync(file, "");
    const start = (folder) => runCommand("start", [], { KOMBO_EDGE_STATE: folder });
    assertExplained(await start(join(file, "state")), /file.* does not exist: a part of its path/);
    // Where nothing can be made. A recursive mkdir never ends there.
    if (process.platform === "linux")
      assertExplained(await start("/proc/none"), /\/proc\/none does not exist/);
  });

  test("names another server that answers at the URL of the Worker", async (t) => {
    const server = createServer((_, response) => response.end("<html>"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const url = `http://127.0.0.1:${server.address().port}`;
    const it = await runCommand("ask", ["GET", "/v1/status", "--url", url, "--token", "token"]);
    assertExplained(it, /is not a kombo-edge Worker: its answer is not JSON/);
    const odd = await runCommand("ask", ["GET", "/v1/status", "--url", url, "--token", "tökén"]);
    assertExplained(odd, /--token has a character that no token has/);
  });

  test("is that nothing was sent, if npm start does not run and there is no URL", async (t) => {
    const env = { KOMBO_EDGE_STATE: folderFor(t) };
    const it = await runCommand("send", ["integration-created"], env);
    assertExplained(it, /Nothing was sent: `npm start` isn't running\. Start it, or pass --url/);
    const far = ["integration-created", "--url", "https://edge.example.com"];
    assertExplained(await runCommand("send", far, env), /Nothing was sent: with which secret\?/);
  });
});
