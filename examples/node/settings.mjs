// The settings of the example, from the environment. It only checks that they are set.

/** These settings. Exits if one is missing, so that the service never runs with an empty secret. */
export function settings(...names) {
  const missing = names.filter((name) => !process.env[name]?.trim());
  if (missing.length > 0) {
    console.error(`These settings are missing: ${missing.join(", ")}. See .env.example.`);
    process.exit(1);
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
