import { expect } from 'chai';
import fc from 'fast-check';
import {
  addressOf,
  type ClusterSpec,
  checkClusterSpec,
  chiefOf,
  formatAddress,
  isChief,
  parseAddress,
  tasksOf,
} from '../../src/index.js';
import { fixOf, thrown } from './thrown.js';

const cluster: ClusterSpec = { ps: ['a:2222'], worker: ['b:2222', 'b:2223'] };

describe('a cluster specification', () => {
  it('is what was given, jobs and tasks in their order', () => {
    expect(checkClusterSpec(cluster, 'spec.json')).to.deep.equal(cluster);
    expect(tasksOf(cluster)).to.deep.equal([
      { job: 'ps', task: 0 },
      { job: 'worker', task: 0 },
      { job: 'worker', task: 1 },
    ]);
  });

  const refused: readonly [given: unknown, error: string][] = [
    [{}, 'the cluster: it names no job.'],
    [[], 'the cluster: Invalid input: expected record, received array.'],
    [{ ps: [] }, 'job ps: it has no task.'],
    [{ ps: 'a:1' }, 'job ps: it must be a list of addresses.'],
    [{ ps: ['a:1', 'b'] }, 'job ps, task 1: "b" is not host:port with a port from 1 to 65535.'],
    [{ ps: ['a:0'] }, 'job ps, task 0: "a:0" is not host:port with a port from 1 to 65535.'],
    [{ ps: [7] }, 'job ps, task 0: it must be text like host:port.'],
    [
      { 'p s': ['a:1'] },
      'job p s: a job is named by letters, digits, ".", "-" and "_", a letter first.',
    ],
    [
      { constructor: ['a:1'] },
      'job constructor: a job is named by letters, digits, ".", "-" and "_", a letter first.',
    ],
    [{ ps: ['B:1'], worker: ['c:1', 'b:1'] }, 'job worker, task 1: b:1 is also job ps, task 0.'],
  ];
  for (const [given, error] of refused) {
    it(`is refused where it is ${JSON.stringify(given)}`, () => {
      const check = () => checkClusterSpec(given, 'spec.json');
      expect(thrown(check)).to.equal(`CLUSTER_INVALID spec.json: ${error}`);
      expect(fixOf(check)).to.be.a('string');
    });
  }

  it('has at most 100,000 tasks', () => {
    const many = { worker: Array.from({ length: 100_001 }, (_, k) => `h${k}:1`) };
    expect(thrown(() => checkClusterSpec(many, 'x'))).to.equal(
      'CLUSTER_INVALID x: it has 100001 tasks; the most is 100000.',
    );
  });

  it('says where a task listens', () => {
    expect(addressOf(cluster, { job: 'worker', task: 1 })).to.deep.equal({ host: 'b', port: 2223 });
    expect(thrown(() => addressOf(cluster, { job: 'worker', task: 2 }))).to.equal(
      'CLUSTER_INVALID addressOf: job worker has no task 2.',
    );
    expect(thrown(() => addressOf(cluster, { job: 'wroker', task: 0 }))).to.equal(
      'CLUSTER_INVALID addressOf: the cluster has no job wroker; did you mean worker?',
    );
    expect(thrown(() => addressOf(cluster, { job: 'toString', task: 0 }))).to.equal(
      'CLUSTER_INVALID addressOf: the cluster has no job toString.',
    );
  });

  it('is led by the chief, the master or the first worker', () => {
    expect([
      chiefOf(cluster),
      chiefOf({ ...cluster, master: ['m:1'] }),
      chiefOf({ ...cluster, master: ['m:1'], chief: ['c:1'] }),
      chiefOf({ ps: ['a:1'] }),
    ]).to.deep.equal([
      { job: 'worker', task: 0 },
      { job: 'master', task: 0 },
      { job: 'chief', task: 0 },
      undefined,
    ]);
    expect(tasksOf(cluster).map((task) => isChief(cluster, task))).to.deep.equal([
      false,
      true,
      false,
    ]);
  });
});

describe('an address', () => {
  it('is a host or an IP address with a port', () => {
    const texts = ['a.b-c:1', '10.0.0.1:65535', '[::1]:2222', 'node_1:80'];
    expect(texts.map(parseAddress)).to.deep.equal([
      { host: 'a.b-c', port: 1 },
      { host: '10.0.0.1', port: 65_535 },
      { host: '::1', port: 2222 },
      { host: 'node_1', port: 80 },
    ]);
  });

  it('is nothing else', () => {
    const texts = [
      '',
      'a',
      ':1',
      'a:',
      'a:65536',
      'a:-1',
      'a:1e2',
      '::1:2222',
      '[a]:1',
      'a b:1',
      'http://a:1',
      'a:1/',
    ];
    expect(texts.map(parseAddress)).to.deep.equal(texts.map(() => undefined));
  });

  it('is written as it is read', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        const address = { host: name, port };
        expect(parseAddress(formatAddress(address))).to.deep.equal(address);
      }),
    );
  });
});
