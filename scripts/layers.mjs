// Checks how the files of a crate use each other. Its lib.rs (or main.rs) lists the modules in the order
// of their layers: a module may use those listed before it, but not those after it. Files must not use
// each other in a cycle, except a mod.rs and the files below it.
//
// It reads `use` declarations and paths that begin with crate, super or self, outside of test modules. It
// does not expand macros.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/** The faults in the crate with this root file, one line each. */
export function layerFaults(rootFile) {
  const crate = readCrate(rootFile);
  return [...upwardUses(crate), ...cycles(crate)];
}

function readCrate(rootFile) {
  const folder = dirname(rootFile);
  const files = new Map();
  for (const path of rustFiles(folder)) {
    const name = relative(folder, path).split(sep).join("/");
    files.set(name, { name, module: moduleOf(name), text: code(readFileSync(path, "utf8")) });
  }
  const byModule = new Map([...files.values()].map((file) => [file.module.join("::"), file]));
  for (const file of files.values()) file.reexports = reexportsOf(file);
  for (const file of files.values())
    file.uses = new Set(pathsIn(file).flatMap((path) => resolve(path, byModule) ?? []));
  const root = files.get(relative(folder, rootFile));
  return { files: [...files.values()], layers: [...new Set(modulesOf(root.text))] };
}

const rustFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(path);
    return entry.name.endsWith(".rs") ? [path] : [];
  });

/** The path of a file's module: empty for the root, and the folder for a mod.rs. */
const moduleOf = (name) =>
  name
    .replace(/\.rs$/, "")
    .split("/")
    .filter((part, at, all) => at < all.length - 1 || !["mod", "lib", "main"].includes(part));

/** A source without comments, strings and test modules. */
const code = (text) =>
  text
    .split(/#\[cfg\(test\)\]\s*mod /)[0]
    .replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""')
    .replaceAll(/\/\/.*$/gm, "");

const modulesOf = (text) =>
  [...text.matchAll(/^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);/gm)].map(([, name]) => name);

/** The paths of `use` declarations, each as a list of names, and whether it is public. */
const declarations = (text) =>
  [...text.matchAll(/^[ \t]*(pub(?:\([^)]*\))? )?use ([^;]+);/gm)].flatMap(([, isPublic, tree]) =>
    expand(tree.replaceAll(/\s+/g, " ").trim()).map((path) => ({
      isPublic: isPublic !== undefined,
      ...path,
    })),
  );

/** `a::{b, c::{d}}` as a list of paths, each with its local name. */
function expand(tree) {
  const open = tree.indexOf("{");
  if (open < 0) {
    const [path, name] = tree.split(" as ");
    const parts = path.trim().split("::");
    return [{ parts, name: name?.trim() ?? parts.at(-1) }];
  }
  const before = tree.slice(0, open);
  const inner = tree.slice(open + 1, tree.lastIndexOf("}"));
  return split(inner).flatMap((part) => expand(before + part));
}

/** Splits a text at the commas outside of braces. */
function split(text) {
  let depth = 0;
  const parts = [""];
  for (const letter of text) {
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    if (letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** The names that a file re-exports, with the paths that they come from. */
function reexportsOf(file) {
  const known = declarations(file.text).filter(({ isPublic }) => isPublic);
  return new Map(known.map(({ parts, name }) => [name, absolute(parts, file, true)]));
}

/** A path from the root of the crate; undefined for a path to another crate. */
function absolute(parts, { module, text }, isDeclaration = false) {
  const [first, ...rest] = parts;
  if (first === "crate") return rest;
  if (first === "self") return [...module, ...rest];
  if (first === "super") return absolute(["crate", ...module.slice(0, -1), ...rest], { module });
  // The name of a child module, as in `mod rows; pub use rows::Row;`.
  if (isDeclaration && modulesOf(text ?? "").includes(first)) return [...module, ...parts];
  return undefined;
}

function pathsIn(file) {
  const declared = declarations(file.text).map(({ parts }) => absolute(parts, file, true));
  const inline = [...file.text.matchAll(/\b(?:crate|super|self)(?:::\w+)+/g)].map(([path]) =>
    absolute(path.split("::"), file),
  );
  return [...declared, ...inline].filter((path) => path !== undefined);
}

/** The file that defines what a path names, through re-exports; undefined if there is none. */
function resolve(path, byModule, depth = 0) {
  for (let length = path.length; length >= 0; length -= 1) {
    const file = byModule.get(path.slice(0, length).join("::"));
    if (file === undefined) continue;
    const next = file.reexports?.get(path[length]);
    if (next === undefined || depth > 8) return file;
    return resolve([...next, ...path.slice(length + 1)], byModule, depth + 1);
  }
  return undefined;
}

function upwardUses({ files, layers }) {
  const layerOf = ({ module }) => layers.indexOf(module[0]);
  return files.flatMap((file) =>
    [...file.uses]
      .filter((used) => file.module.length > 0 && used.module.length > 0)
      .filter((used) => layerOf(used) > layerOf(file))
      .map((used) => `${file.name} uses ${used.name}, which is in a later layer`),
  );
}

/** Whether one file is a mod.rs (or the root) above the other. */
const isFamily = (one, other) => one === other || isAbove(one, other) || isAbove(other, one);

const isAbove = (one, other) =>
  /(^|\/)(mod|lib|main)\.rs$/.test(one.name) &&
  one.module.every((part, at) => other.module[at] === part);

/** Each cycle once: files that reach each other (Tarjan's strongly connected components). */
function cycles({ files }) {
  const state = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    const own = { index: state.size, low: state.size, isOpen: true };
    state.set(file, own);
    stack.push(file);
    for (const used of file.uses) {
      if (isFamily(file, used)) continue;
      if (!state.has(used)) visit(used);
      if (state.get(used).isOpen) own.low = Math.min(own.low, state.get(used).low);
    }
    if (own.low !== own.index) return;
    const group = stack.splice(stack.indexOf(file));
    for (const member of group) state.get(member).isOpen = false;
    if (group.length > 1) found.push(group.map(({ name }) => name).sort());
  };
  for (const file of files) if (!state.has(file)) visit(file);
  return found.map((names) => `a cycle of ${names.length} files: ${names.join(", ")}`);
}
