import {
  type CallOptions,
  type Calls,
  type Connection,
  localConnection,
  Master,
  MasterService,
  type Member,
  UnreachableError,
  type Worker,
  WorkerService,
} from '../../src/index.js';

type AnyCall = (request: never, options?: CallOptions) => Promise<unknown>;

interface Life {
  readonly calls: Calls<typeof MasterService>;
  alive: boolean;
  /** Fails when the life is over. */
  readonly over: Promise<never>;
  readonly end: () => void;
}

const never = new Promise<never>(() => {});

/**
 * A master over workers of this process that can be killed and started again. What it has asked of the workers goes on without it; its
 * clients see a connection that breaks.
 */
export class MortalMaster {
  readonly target: Connection<typeof MasterService>;
  private readonly workers: readonly Worker[];
  private readonly state: string;
  private life: Life | undefined;
  private begun: Promise<void> = Promise.resolve();
  private begin = () => {};

  constructor(workers: readonly Worker[], state: string) {
    this.workers = workers;
    this.state = state;
    this.start();
    const calls = Object.keys(MasterService.method).map((name) => [
      name,
      (request: never, options: CallOptions = {}) => this.call(name, request, options),
    ]);
    this.target = { calls: Object.fromEntries(calls), close: () => {} };
  }

  kill(): void {
    this.life?.end();
    this.life = undefined;
    this.begun = new Promise((resolve) => {
      this.begin = resolve;
    });
  }

  start(): void {
    let end = () => {};
    const over = new Promise<never>((_, reject) => {
      end = () => {
        life.alive = false;
        reject(unreachable());
      };
    });
    over.catch(() => {});
    const life: Life = { alive: true, over, end, calls: undefined as never };
    const members = this.workers.map((worker) => memberFor(worker, life));
    const { handlers } = new Master({ members, state: this.state });
    Object.assign(life, { calls: localConnection(MasterService, handlers).calls });
    this.life = life;
    this.begin();
  }

  private async call(name: string, request: never, options: CallOptions): Promise<unknown> {
    if (!this.life && options.waitForReady) await this.begun;
    const { life } = this;
    if (!life) throw unreachable();
    const call = (life.calls as unknown as Record<string, AnyCall>)[name] as AnyCall;
    return Promise.race([call(request, options), life.over]);
  }
}

/** A worker as one life of a master reaches it. */
function memberFor(worker: Worker, life: Life): Member {
  const { calls } = localConnection(WorkerService, worker.handlers);
  const mortal = Object.entries(calls as unknown as Record<string, AnyCall>).map(([name, call]) => [
    name,
    async (request: never, options?: CallOptions) => {
      if (!life.alive) return never;
      const answer = await call(request, options);
      return life.alive ? answer : never;
    },
  ]);
  return {
    name: worker.name,
    address: '',
    connection: { calls: Object.fromEntries(mortal), close: () => {} },
  };
}

const unreachable = (): UnreachableError =>
  new UnreachableError('UNAVAILABLE', 'call', {
    what: 'the connection broke.',
    worker: 'master',
  });
