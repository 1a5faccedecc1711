import { expect } from 'chai';
import { resolveCluster } from '../../../src/index.js';
import { thrown } from '../thrown.js';

const resolve = (config: unknown) =>
  resolveCluster({ TF_CONFIG: typeof config === 'string' ? config : JSON.stringify(config) });

const cluster = {
  chief: ['host0:2222'],
  worker: ['host1:2222', 'host2:2222', 'host3:2222'],
  ps: ['host4:2222', 'host5:2222'],
};

describe('TF_CONFIG', () => {
  it('is read as TensorFlow documents it', () => {
    expect(resolve({ cluster, task: { type: 'worker', index: 1 } })).to.deep.equal({
      reader: 'tf-config',
      source: 'TF_CONFIG',
      cluster,
      task: { job: 'worker', task: 1 },
    });
  });

  it('may write numbers as text, jobs as maps, a scheme, and keys of launchers', () => {
    const found = resolve({
      cluster: { master: ['grpc://m:1'], ps: { 1: 'b:1', 0: 'a:1' } },
      task: { type: 'ps', index: '1', cloud: 'x' },
      rpc_layer: 'grpc',
      environment: 'cloud',
      job: { job_name: 'train' },
    });
    expect([found?.cluster, found?.task]).to.deep.equal([
      { master: ['m:1'], ps: ['a:1', 'b:1'] },
      { job: 'ps', task: 1 },
    ]);
  });

  it('lets an evaluator stand beside the cluster, or in it', () => {
    expect(resolve({ cluster, task: { type: 'evaluator', index: 0 } })?.task).to.deep.equal({
      job: 'evaluator',
      task: 0,
    });
    const inside = { ...cluster, evaluator: ['e:1'] };
    expect(
      thrown(() => resolve({ cluster: inside, task: { type: 'evaluator', index: 1 } })),
    ).to.equal('CLUSTER_INVALID TF_CONFIG (task): job evaluator has no task 1.');
  });

  it('without a task is the view of a client, without a cluster that of one process', () => {
    expect(resolve({ cluster })?.task).to.equal(undefined);
    for (const config of ['', '  ', '{}', '{"cluster":{}}', '{"task":{"type":"worker","index":0}}'])
      expect(resolve(config)).to.equal(undefined);
  });

  const refused: readonly [config: unknown, error: string | RegExp][] = [
    ['{', /^CLUSTER_INVALID TF_CONFIG: it is not JSON: /],
    ['{"__proto__":{}}', 'CLUSTER_INVALID TF_CONFIG: the name __proto__ is not allowed.'],
    ['[]', /^CLUSTER_INVALID TF_CONFIG: the value: /],
    [{ cluster, task: { index: 0 } }, /^CLUSTER_INVALID TF_CONFIG: task\.type: /],
    [{ cluster, task: { type: 'worker', index: -1 } }, /^CLUSTER_INVALID TF_CONFIG: task\.index: /],
    [
      { cluster, task: { type: 'worker', index: 3 } },
      'CLUSTER_INVALID TF_CONFIG (task): job worker has no task 3.',
    ],
    [
      { cluster, task: { type: 'workers', index: 0 } },
      'CLUSTER_INVALID TF_CONFIG (task): the cluster has no job workers; did you mean worker?',
    ],
    [
      { cluster: { worker: ['host'] } },
      'CLUSTER_INVALID TF_CONFIG: job worker, task 0: "host" is not host:port with a port from 1 to 65535.',
    ],
    [
      { cluster: { worker: { 0: 'a:1', 2: 'b:1' } } },
      'CLUSTER_INVALID TF_CONFIG: job worker has 2 tasks, but none numbered 1.',
    ],
    [
      { cluster: { worker: 'a:1' } },
      'CLUSTER_INVALID TF_CONFIG: job worker: it must be a list of addresses.',
    ],
  ];
  for (const [config, error] of refused) {
    it(`is refused where it is ${JSON.stringify(config)}`, () => {
      const message = thrown(() => resolve(config));
      if (typeof error === 'string') expect(message).to.equal(error);
      else expect(message).to.match(error);
    });
  }
});
