import type { HostTensor } from '../graph/host-tensor.js';
import { identityOf, structureKey } from '../graph/structure.js';
import type { Tensor } from '../graph/tensor.js';
import { Cache } from './cache.js';
import { type Compiled, type CompileRequest, compileRun, freeCompiled } from './compile.js';

/** The compiled runs of a session, by the structure of their graph and the shapes of what is fed. */
export class Programs {
  private readonly runs: Cache<Compiled>;
  /** From the identities of fetches and feeds to the structure they have. */
  private readonly structures: Cache<string>;
  /** Each structure as a string that is kept once. */
  private readonly keys: Cache<string>;

  constructor(capacity: number) {
    this.runs = new Cache(capacity, freeCompiled);
    this.structures = new Cache(4 * capacity);
    this.keys = new Cache(4 * capacity);
  }

  /** What a run has in common with every other that can use its program. */
  keyOf(tensors: readonly Tensor[], values: ReadonlyMap<Tensor, HostTensor>): string {
    const shapes = [...values.values()].map(({ shape }) => `[${shape}]`).join('');
    const call = `${tensors.map(identityOf)};${[...values.keys()].map(identityOf)};${shapes}`;
    const known = this.structures.get(call);
    if (known !== undefined) return known;
    const fed = [...values.keys()];
    const written = `${shapes} ${fed.map(({ dtype }) => dtype)}\n${structureKey(tensors, fed)}`;
    // Graphs that are built anew for each run are many; they share the one copy of the text.
    const key = this.keys.get(written) ?? written;
    this.keys.set(written, key);
    this.structures.set(call, key);
    return key;
  }

  has(key: string): boolean {
    return this.runs.get(key) !== undefined;
  }

  compiled(key: string, request: () => CompileRequest): Compiled {
    const known = this.runs.get(key);
    if (known) return known;
    const compiled = compileRun(request());
    this.runs.set(key, compiled);
    return compiled;
  }

  /** Programs that are kept. */
  get size(): number {
    return this.runs.size;
  }

  clear(): void {
    this.runs.clear();
    this.structures.clear();
    this.keys.clear();
  }
}
