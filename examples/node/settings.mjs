// The settings of the example, from the environment. Leaves out checking more than that they are there.

/** These settings; ends the process when one is missing, so that nothing runs with an empty secret. */
export function settings(...names) {
  const missing = names.filter((name) => !process.env[name]?.trim());
  if (missing.length > 0) {
    console.error(`These settings are missing: ${missing.join(", ")}. See .env.example.`);
    process.exit(1);
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
