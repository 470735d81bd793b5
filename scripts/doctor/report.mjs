// The report of the doctor: as text for people, or as JSON for scripts.

const SIGNS = { well: "✓", wrong: "✗", unasked: "–" };

/** "wrong" if any finding is, otherwise "unasked" if any could not be checked, otherwise "well". */
export const verdictOf = (findings) =>
  ["wrong", "unasked"].find((result) => findings.some((one) => one.result === result)) ?? "well";

/** The whole report. `form` is "words" or "json". */
export function printed(url, findings, form) {
  if (form === "json") {
    return JSON.stringify({ url: url.origin, verdict: verdictOf(findings), findings }, null, 2);
  }
  return [...findings.map(line), "", closing(findings)].join("\n");
}

function line({ result, says, remedy }) {
  const first = `${SIGNS[result]} ${says}`;
  return remedy ? `${first}\n    ${remedy.replaceAll("\n", "\n    ")}` : first;
}

function closing(findings) {
  const count = (result) => findings.filter((one) => one.result === result).length;
  const [wrong, unasked] = [count("wrong"), count("unasked")];
  if (wrong + unasked === 0) return "All is well.";
  const counted = (number, one, more) => (number === 1 ? one : `${number} ${more}`);
  return [
    wrong > 0 && `${counted(wrong, "One thing is", "things are")} wrong.`,
    unasked > 0 && `${counted(unasked, "One thing", "things")} could not be checked.`,
  ]
    .filter(Boolean)
    .join(" ");
}
