// Compiles Typst papers to PDF without a typst on the PATH.
//
//   npm ci && node build.mjs [paper.typ ...]
//
// Without arguments, every paper of this folder. The compiler brings the type
// of the text. The figures are set in Liberation Sans, which comes with the Go
// module that draws them; where Go is absent the compiler picks another face.
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const papers = ['paper.typ', 'whitepaper.typ'];

function figureFonts() {
  try {
    const module = 'codeberg.org/go-fonts/liberation';
    const dir = execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return dir.trim() ? [{ fontPaths: [dir.trim()] }] : [];
  } catch {
    return [];
  }
}

// "paper.typ:12:3: message", as every compiler says it.
function report(compiler, error) {
  const diagnostics = compiler.fetchDiagnostics(error);
  for (const d of diagnostics) {
    const at = d.range ? `:${d.range.start.line + 1}:${d.range.start.character + 1}` : '';
    console.error(`${d.path ? basename(d.path) : 'paper'}${at}: ${d.message}`);
    for (const hint of d.hints ?? []) console.error(`  hint: ${hint}`);
  }
}

const compiler = NodeCompiler.create({ workspace: here, fontArgs: figureFonts() });
const wanted = process.argv.length > 2 ? process.argv.slice(2) : papers.map((p) => join(here, p));
for (const source of wanted.map((p) => resolve(p))) {
  const result = compiler.compile({ mainFilePath: source });
  if (result.hasError() || !result.result) {
    report(compiler, result.takeDiagnostics());
    console.error(`${basename(source)}: not built`);
    process.exitCode = 1;
    continue;
  }
  const target = source.replace(/\.typ$/, '.pdf');
  // A fixed creation time, so that the same sources give the same bytes.
  writeFileSync(target + '.part', compiler.pdf(result.result, { creationTimestamp: 0 }));
  renameSync(target + '.part', target);
  console.log(`${basename(target)}: ${result.result.numOfPages} pages`);
}
