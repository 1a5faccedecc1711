/** Writes the reference pages that follow from the source; with --check fails where they are stale. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applied, dtypesOf, inputDType, type OpCase, opTable } from '@tenon/conformance';
import * as core from '@tenon/core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const opsFolder = join(root, 'packages/core/src/ops');
const note = '<!-- Written by `npm run docs` from the source; change that instead. -->';

/** The generated pages: path from the repository root, text. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/ops.md', opsPage()],
  ]);
}

/** Paths of the pages that are not what the source says. */
export function stalePages(): string[] {
  const current = (path: string) => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return undefined;
    }
  };
  return [...referencePages()].flatMap(([path, text]) => (current(path) === text ? [] : [path]));
}

function errorsPage(): string {
  const rows = Object.entries(core.errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]);
  return page('Error codes', [
    'Every error that Tenon throws on purpose is a `GraphError`. Its message says where, what, with which inputs and how to',
    'put it right; its `code` is one of these and stays the same from version to version.',
    '',
    ...table(['Code', 'Meaning'], rows),
  ]);
}

function opsPage(): string {
  const families = readdirSync(opsFolder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return page('Ops', [
    '**Gradient**: `yes`; `zero`: the derivative is zero almost everywhere, so zeros flow back; `no`: not differentiable; `-`: no',
    'inputs to differentiate by. **Runs as**: `kernels` where every device computes the op itself, `host` where it is plain TypeScript',
    'over values, between kernels.',
    ...families.flatMap(({ name }) => familySection(name)),
  ]);
}

function familySection(family: string): string[] {
  const index = readFileSync(join(opsFolder, family, 'index.ts'), 'utf8');
  const rows = documentedExports(join(opsFolder, family)).flatMap(({ name, doc }) => {
    // Other exports of the folder are for its own files.
    if (!new RegExp(`[{,]\\s*${name}\\s*[,}]`).test(index)) return [];
    const exported: unknown = Reflect.get(core, name);
    if (typeof exported !== 'function') return [];
    return [[`\`${name}\``, ...support(name, exported), firstSentence(doc)]];
  });
  if (rows.length === 0) return [];
  return [
    '',
    `## ${family}`,
    '',
    ...table(['Op', 'Gradient', 'Runs as', 'What it computes'], rows),
  ];
}

/** The columns about gradients and about what runs. A function of other ops is as differentiable as the graph that it builds. */
function support(name: string, exported: object): [string, string] {
  if (!('definition' in exported)) return [composedGradient(name), 'kernels'];
  const { differentiable, definition } = exported as core.OpInfo;
  return [differentiable, definition.run ? 'host' : 'kernels'];
}

const rowsOf = (name: string): OpCase[] =>
  Object.values(opTable)
    .flat()
    .filter((row) => row.name.split(/[ ,(:]/)[0] === name);

// Tested apart from the table: their gradients depend on functions that are given, or on what was drawn.
const differentiableApart = new Set(['cond', 'customGradient', 'dropout', 'recompute', 'scan']);

function composedGradient(name: string): string {
  if (differentiableApart.has(name)) return 'yes';
  const [row] = rowsOf(name);
  if (!row) return withoutRows(name);
  const [dtype = 'float32'] = dtypesOf(row);
  const specs = (row.shapes[0] ?? []).map((shape, i) => ({
    shape,
    dtype: inputDType(row, i, dtype),
  }));
  const { inputs, outputs } = applied(row, specs);
  const [xs, ys] = [inputs, outputs].map((list) =>
    list.filter((tensor) => core.isFloat(tensor.dtype)),
  );
  if (inputs.length === 0) return '-';
  if (!xs?.length || !ys?.length) return 'no';
  if (!tried(() => core.gradients(ys, xs))) return 'no';
  const connected = xs.some((x) => tried(() => core.gradients(ys, [x], { unconnected: 'error' })));
  return connected ? 'yes' : 'zero';
}

/** Control flow and random ops have tests of their own instead of rows; the op behind a function says what it is. */
function withoutRows(name: string): string {
  const op: unknown = Reflect.get(core, `${name}Op`);
  if (op && typeof op === 'function' && 'definition' in op) {
    const { differentiable, inputNames } = op as unknown as core.OpInfo;
    return inputNames.length === 0 ? '-' : differentiable;
  }
  return '-';
}

function tried(build: () => unknown): boolean {
  try {
    build();
    return true;
  } catch (error) {
    if (error instanceof core.GraphError && error.code === 'NOT_DIFFERENTIABLE') return false;
    throw error;
  }
}

interface Documented {
  readonly name: string;
  readonly doc: string;
}

const exportPattern =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^export (?:async )?(?:const|function\*?) (\w+)/gm;

/** What the files of a folder export, by name, with the comment in front of it. */
function documentedExports(folder: string): Documented[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  return files
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return [...text.matchAll(exportPattern)].map(([, doc = '', name = '']) => ({ name, doc }));
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A comment up to its first full stop, on one line. */
function firstSentence(comment: string): string {
  const text = comment
    .replaceAll(/^[ \t]*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

function page(title: string, lines: readonly string[]): string {
  return [`# ${title}`, '', note, '', ...lines, ''].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function main(check: boolean): void {
  const stale = stalePages();
  if (check) {
    for (const path of stale) console.error(`${path} is stale; run npm run docs.`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), referencePages().get(path) ?? '');
    console.log(`wrote ${path}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));
