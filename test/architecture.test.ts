import { expect } from 'chai';
import { dependencyMismatches, readManifests } from './architecture/manifests.js';
import * as rules from './architecture/rules.js';
import { readSources, type SourceFile, sourceFile } from './architecture/source-tree.js';

interface RuleCase {
  readonly states: string;
  readonly rule: rules.Rule;
  /** Files that break the rule, so that a rule that sees nothing cannot pass. */
  readonly broken: readonly SourceFile[];
  readonly says: RegExp;
}

const core = 'packages/core/src';
const crowd = Array.from({ length: 16 }, (_, i) => sourceFile(`${core}/graph/f${i}.ts`, ''));

const cases: readonly RuleCase[] = [
  {
    states: 'a package imports only the packages its arrows allow',
    rule: rules.followsArrows,
    broken: [sourceFile(`${core}/a.ts`, "import type { Layer } from '@tenon/layers';")],
    says: /core\/src\/a\.ts imports @tenon\/layers, but core may import no other package/,
  },
  {
    states: 'a package is imported by its name alone, never by a path inside it',
    rule: rules.avoidsDeepImports,
    broken: [sourceFile('packages/layers/src/a.ts', "import { x } from '@tenon/core/dist/x.js';")],
    says: /layers\/src\/a\.ts reaches into another package/,
  },
  {
    states: 'no relative path leads into another package',
    rule: rules.avoidsDeepImports,
    broken: [sourceFile('packages/layers/src/a.ts', "export * from '../../core/src/x.js';")],
    says: /layers\/src\/a\.ts reaches into another package/,
  },
  {
    states: 'no files import each other in a circle',
    rule: rules.hasNoCycles,
    broken: [
      sourceFile(`${core}/a.ts`, "import { b } from './b.js';"),
      sourceFile(`${core}/b.ts`, "import {\n  a,\n} from './a.js';"),
    ],
    says: /import cycle: \S+a\.ts -> \S+b\.ts -> \S+a\.ts/,
  },
  {
    states: 'files and folders are named after concepts',
    rule: rules.namesConcepts,
    broken: [sourceFile(`${core}/utils/a.ts`, '')],
    says: /'utils' says nothing/,
  },
  {
    states: 'a folder holds at most 15 files',
    rule: rules.keepsFoldersSmall,
    broken: crowd,
    says: /core\/src\/graph holds 16 files/,
  },
  {
    states: 'folders are at most three levels below src',
    rule: rules.staysShallow,
    broken: [sourceFile(`${core}/a/b/c/d/e.ts`, '')],
    says: /lies 4 folders below src/,
  },
  {
    states: 'a file that is not generated has at most 300 lines',
    rule: rules.keepsFilesShort,
    broken: [sourceFile(`${core}/a.ts`, 'const x = 1;\n'.repeat(301))],
    says: /has 301 lines/,
  },
];

describe('architecture', () => {
  const sources = readSources(['packages', 'test', 'examples', 'benchmarks', 'scripts']);

  for (const { states, rule, broken, says } of cases) {
    it(states, () => {
      expect(rule(broken).join('\n'), 'the rule must see a violation').to.match(says);
      expectNone(rule(sources));
    });
  }

  for (const [folder, manifest] of readManifests()) {
    it(`${manifest.name} declares exactly the packages that its source imports`, () => {
      const stray = sourceFile(`packages/${folder}/src/stray.ts`, "import 'left-pad';");
      expect(dependencyMismatches(folder, manifest, [stray])[0]).to.contain('left-pad');
      expectNone(dependencyMismatches(folder, manifest, sources));
    });

    it(`${manifest.name} runs no script when it is installed`, () => {
      const hooks = ['preinstall', 'install', 'postinstall', 'prepare'];
      expect(Object.keys(manifest.scripts ?? {}).filter((name) => hooks.includes(name))).to.eql([]);
    });
  }

  it('type imports and dynamic imports are told from those that run at load', () => {
    const text = [
      "import type { A } from './a.js';",
      "import { type B } from './b.js';",
      "export type * from './c.js';",
      "const d = await import('./d.js');",
      "type E = import('./e.js').E;",
      "import './f.js';",
      "/** import { g } from './g.js'; */",
      "import type from './h.js';",
    ].join('\n');
    const kinds = sourceFile('x.ts', text).imports.map(
      ({ specifier, kind }) => `${specifier[2]} ${kind}`,
    );
    expect(kinds.sort()).to.eql(
      ['a type', 'b static', 'c type', 'd dynamic', 'e type', 'f static', 'h static'].sort(),
    );
  });
});

function expectNone(violations: readonly string[]) {
  expect(violations.join('\n')).to.equal('');
}
