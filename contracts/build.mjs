// Compiles our contracts with the pinned solc. `node contracts/build.mjs [out directory]`; the output is committed,
// and a test rebuilds it and compares, so nothing that varies between machines may enter it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const solc = createRequire(import.meta.url)("solc");
const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "build");

const files = readdirSync(here).filter((name) => name.endsWith(".sol")).sort();
const input = {
  language: "Solidity",
  sources: Object.fromEntries(files.map((name) => [name, { content: readFileSync(join(here, name), "utf8") }])),
  settings: {
    evmVersion: "paris",
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};

const result = JSON.parse(solc.compile(JSON.stringify(input)));
const messages = result.errors ?? [];
for (const message of messages) console.error(message.formattedMessage);
if (messages.length > 0) process.exit(1);

mkdirSync(out, { recursive: true });
for (const contracts of Object.values(result.contracts)) {
  for (const [name, { abi, evm }] of Object.entries(contracts)) {
    if (evm.bytecode.object === "") continue;
    const artifact = { name, compiler: solc.version(), abi, bytecode: `0x${evm.bytecode.object}` };
    writeFileSync(join(out, `${name}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
  }
}
