import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../architecture/source-tree.js';
import { runSource } from '../run-source.js';
import type { CodeModule } from './pages.js';

/** How a module ended: the error, if it threw one, and what the compiler says of its types. */
export interface Outcome {
  readonly error: string;
  readonly types: string;
}

/** By the modules' places. */
export type Outcomes = ReadonlyMap<string, Outcome>;

const marker = '@outcome ';

// A page may print and save what it likes: it runs in a folder of its own, one module after the other in one process.
const runner = (files: readonly string[]) => `
process.chdir(${JSON.stringify('WORK')});
const outcomes = [];
for (const file of ${JSON.stringify(files)}) {
  const error = await import(file).then(() => null, (error) => error.stack ?? String(error));
  outcomes.push(error);
}
await new Promise((resolve) => setImmediate(resolve));
process.on('exit', () => process.stdout.write('\\n${marker}' + JSON.stringify(outcomes) + '\\n'));
`;

/** Runs modules from source. The folder lies in the repository, where our packages are found by name. */
export async function execute(modules: readonly CodeModule[]): Promise<Outcomes> {
  const build = join(repositoryRoot, 'docs/build');
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, 'run-'));
  try {
    const files = modules.map((_, i) => `./module-${i}.ts`);
    for (const [i, { place, code }] of modules.entries()) {
      await writeFile(join(folder, `module-${i}.ts`), `// ${place}\n${code}\nexport {};\n`);
    }
    const [errors, types] = await Promise.all([run(folder, files), typeErrors(folder)]);
    const outcomeOf = (i: number): Outcome => ({
      error: errors[i] ?? '',
      types: types.filter((line) => line.startsWith(`module-${i}.ts`)).join('\n'),
    });
    return new Map(modules.map(({ place }, i) => [place, outcomeOf(i)]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, files: readonly string[]): Promise<(string | null)[]> {
  const main = join(folder, 'run.ts');
  await writeFile(main, runner(files).replace('"WORK"', JSON.stringify(folder)));
  const { stdout, stderr } = await runSource(main);
  const line = stdout.split('\n').find((text) => text.startsWith(marker));
  if (line === undefined) throw new Error(`the pages did not run to their end\n${stderr}`);
  return JSON.parse(line.slice(marker.length)) as (string | null)[];
}

/** What the compiler says of the modules, as strict as with our own sources. */
async function typeErrors(folder: string): Promise<string[]> {
  const config = {
    extends: join(repositoryRoot, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true, composite: false },
    include: ['module-*.ts'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(repositoryRoot, 'node_modules/.bin/tsc');
  const printed = await new Promise<string>((resolve) => {
    execFile(tsc, ['-p', folder, '--pretty', 'false'], { cwd: folder }, (_, stdout) =>
      resolve(stdout),
    );
  });
  return printed.split('\n');
}
