import type { KnownShape } from '../../graph/shape.js';
import { identityOf, structureKey } from '../../graph/structure.js';
import type { Tensor } from '../../graph/tensor.js';
import { type CompileRequest, compileRun } from '../compile.js';
import { Cache } from './cache.js';
import type { Compiled } from './compiled.js';

/** The compiled runs of a session, by the structure of their graph and the shapes of what is fed. */
export class Programs {
  private readonly runs: Cache<Compiled>;
  /** From the identities of fetches and feeds to the number of the structure they have. */
  private readonly structures: Cache<number>;
  /** Numbers of structures by their text, which is long: it is kept once for all shapes. */
  private readonly numbers: Cache<number>;
  private lastNumber = 0;
  /** What compiling has taken so far. */
  seconds = 0;

  constructor(capacity: number) {
    this.runs = new Cache(capacity, { drop: evict, spare: wasUsed });
    this.structures = new Cache(4 * capacity);
    this.numbers = new Cache(4 * capacity);
  }

  /** What a run has in common with every other that can use its program. */
  keyOf(tensors: readonly Tensor[], feeds: ReadonlyMap<Tensor, KnownShape>): string {
    const shapes = [...feeds.values()].map((shape) => `[${shape}]`).join('');
    return `${this.structure(tensors, [...feeds.keys()])} ${shapes}`;
  }

  private structure(tensors: readonly Tensor[], fed: readonly Tensor[]): number {
    const call = `${tensors.map(identityOf)};${fed.map(identityOf)}`;
    const known = this.structures.get(call);
    if (known !== undefined) return known;
    const text = `${fed.map(({ dtype }) => dtype)}\n${structureKey(tensors, fed)}`;
    const number = this.numbers.get(text) ?? ++this.lastNumber;
    this.numbers.set(text, number);
    this.structures.set(call, number);
    return number;
  }

  has(key: string): boolean {
    return this.runs.get(key) !== undefined;
  }

  compiled(key: string, request: () => CompileRequest): Compiled {
    const known = this.runs.get(key);
    if (known) return known;
    const compiled = this.compile(request());
    this.runs.set(key, compiled);
    return compiled;
  }

  /** Compiles a run that is not kept. */
  compile(request: CompileRequest): Compiled {
    const compiled = compileRun(request);
    this.seconds += compiled.seconds;
    return compiled;
  }

  /** Programs that are kept. */
  get size(): number {
    return this.runs.size;
  }

  /** Frees all programs; results that were not read are lost. */
  clear(): void {
    for (const compiled of this.runs.values()) compiled.free();
    this.runs.clear();
    this.structures.clear();
    this.numbers.clear();
  }
}

function evict(compiled: Compiled): void {
  compiled.give(undefined);
  compiled.free();
}

// Prepared runs use their program without asking for it here.
function wasUsed(compiled: Compiled): boolean {
  const { used } = compiled;
  compiled.used = false;
  return used;
}
