// `npm run setup`: deploys the Worker, and shows what has to be entered at Kombo. It asks for what it
// needs, unless flags and the environment say it, and each of its steps may be repeated. It leaves alone
// what was set in Cloudflare's dashboard.

import { main } from "./project.mjs";
import { installPackages } from "./setup.mjs";

await main(async () => {
  // In a fresh clone the packages that it is made of are not there yet.
  await installPackages();
  const { deployWorker } = await import("./deploy/steps.mjs");
  await deployWorker();
});
