// `npm run setup`: deploys the Worker, and shows what to enter at Kombo. It prompts for the settings that
// neither the flags nor the environment have. It may be repeated, and does not change what was set in
// Cloudflare's dashboard.

import { main } from "./project.mjs";
import { installPackages } from "./setup.mjs";

await main(async () => {
  // In a fresh clone the packages that it imports are not installed yet.
  await installPackages();
  const { deployWorker } = await import("./deploy/steps.mjs");
  await deployWorker();
});
