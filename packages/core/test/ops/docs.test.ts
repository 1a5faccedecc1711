import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { errorCodes } from '../../src/index.js';

const ops = fileURLToPath(new URL('../../src/ops/', import.meta.url));

interface Exported {
  /** `arithmetic/add` */
  readonly place: string;
  readonly name: string;
  /** The comment in front of it, without its frame; undefined where there is none. */
  readonly doc: string | undefined;
}

const plain = (comment: string): string =>
  comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The comment that ends where a declaration begins. */
function docOf(source: string, name: string): string | undefined {
  // Some ops have the name of a global and another one inside their file.
  const inside = new RegExp(`export \\{ (\\w+) as ${name} \\}`).exec(source)?.[1] ?? name;
  const declared = new RegExp(`^(?:export )?(?:const|function) ${inside}\\b`, 'm').exec(source);
  if (!declared) return undefined;
  const before = source.slice(0, declared.index);
  const start = before.lastIndexOf('/**');
  const comment = before.slice(start);
  return start >= 0 && /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.test(comment)
    ? plain(comment)
    : undefined;
}

/** What the families export: the ops and the functions of ops. */
function exportedOps(): Exported[] {
  const families = readdirSync(ops, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return families.flatMap(({ name: family }) => {
    const index = readFileSync(join(ops, family, 'index.ts'), 'utf8');
    const lines = [...index.matchAll(/^export \{([^}]*)\} from '\.\/(.+)\.js';/gm)];
    return lines.flatMap(([, names = '', file = '']) => {
      const source = readFileSync(join(ops, family, `${file}.ts`), 'utf8');
      const own = names.split(',').map((name) => name.trim().split(' as ')[0] as string);
      return own
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name) => ({
          place: join(family, dirname(file), name),
          name,
          doc: docOf(source, name),
        }));
    });
  });
}

const exported = exportedOps();
const places = (wrong: (doc: string) => boolean): string[] =>
  exported.filter(({ doc }) => wrong(doc ?? '')).map(({ place }) => place);

describe('docs of the ops', () => {
  it('are there for everything that the families export', () => {
    expect(exported.length).to.be.greaterThan(250);
    expect(exported.filter(({ doc }) => doc === undefined).map(({ place }) => place)).to.deep.equal(
      [],
    );
  });

  it('begin with a sentence or with the formula', () => {
    const sentence = /^(?=[A-Z`]|x[ ,])(?:`[^`]*`|[^.`]|\.(?!\s|$))*\.(?:\s|$)/;
    expect(places((doc) => !sentence.test(doc))).to.deep.equal([]);
  });

  it('name codes of errors that exist', () => {
    const codes = new Set<string>(Object.keys(errorCodes));
    const unknown = exported.flatMap(({ place, doc = '' }) =>
      (doc.match(/\b[A-Z]{3,}(?:_[A-Z]+)+\b/g) ?? [])
        .filter((code) => !codes.has(code))
        .map((code) => `${place}: ${code}`),
    );
    expect(unknown).to.deep.equal([]);
  });
});
