// pdf.js, the reader in Firefox: the words of the structure tree, in its order. Each line of
// standard input is a file; of each it prints the path and "words=…", or "error=…".
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

// It wants one to be there when it is loaded; nothing is drawn.
globalThis.DOMMatrix ??= class {};
const { getDocument, VerbosityLevel } = await import("pdfjs-dist/legacy/build/pdf.mjs");

async function wordsOf(path) {
  const data = new Uint8Array(await readFile(path));
  const task = getDocument({ data, useSystemFonts: false, verbosity: VerbosityLevel.ERRORS });
  const pdf = await task.promise;
  const said = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent({ includeMarkedContent: true });
    const parts = new Map();
    const open = [];
    for (const item of items) {
      if (item.type === "endMarkedContent") open.pop();
      else if (item.type) open.push(item.id);
      else {
        const id = open.findLast((one) => one);
        if (id) parts.set(id, (parts.get(id) ?? "") + item.str + (item.hasEOL ? " " : ""));
      }
    }
    const walk = (node) => {
      // What stands for the whole element: its alternative or its actual text.
      if (node.alt) {
        said.push(node.alt);
        return;
      }
      if (node.type === "content") said.push(parts.get(node.id) ?? "");
      for (const child of node.children ?? []) {
        if (child.role) said.push(" ");
        walk(child);
      }
    };
    const tree = await page.getStructTree();
    if (tree) walk(tree);
  }
  await task.destroy();
  return said.join("").replace(/\s+/g, " ").trim();
}

for await (const line of createInterface({ input: process.stdin })) {
  const [path] = line.split("\t");
  const said = await wordsOf(path).then(
    (words) => `words=${words.slice(0, 20000)}`,
    (error) => `error=${String(error).replace(/\s+/g, " ")}`,
  );
  process.stdout.write(`${path}\t${said}\n`);
}
