import { expect } from 'chai';
import { bindingHost, isWorkerJob, masterAddress, masterTarget } from '../../src/index.js';
import { fixOf, thrown } from './thrown.js';

const clusterIn = (cluster: object) => ({ TENON_CLUSTER: JSON.stringify(cluster) });

describe('the master of a cluster', () => {
  it('is at its chief, or at its master', () => {
    const jobs = { worker: ['w:1'], ps: ['p:1'] };
    expect(masterAddress({ ...jobs, chief: ['c:2222'] }, 'test')).to.deep.equal({
      host: 'c',
      port: 2222,
    });
    expect(masterTarget(clusterIn({ ...jobs, master: ['[::1]:7'] }))).to.equal('grpc://[::1]:7');
  });

  it('is told by TENON_MASTER before all else, and unknown where nothing describes a cluster', () => {
    const environment = { ...clusterIn({ chief: ['c:1'] }), TENON_MASTER: 'grpc://m:5' };
    expect(masterTarget(environment)).to.equal('grpc://m:5');
    expect(masterTarget({})).to.equal(undefined);
  });

  it('is not at a worker, which has the address already', () => {
    const asked = () => masterTarget(clusterIn({ worker: ['w:1', 'w:2'] }));
    expect(thrown(asked)).to.equal(
      'CLUSTER_INVALID TENON_CLUSTER: the cluster has no task for the master.',
    );
    expect(fixOf(asked)).to.match(/"chief": \["host:port"\]/);
  });

  it('asks those who run parts of graphs', () => {
    const jobs = ['worker', 'ps', 'chief', 'master', 'evaluator', 'gpu'];
    expect(jobs.filter(isWorkerJob)).to.deep.equal(['worker', 'ps', 'gpu']);
  });

  it('listens on loopback where its address is there, and where others reach it else', () => {
    for (const host of ['127.0.0.1', '127.0.0.7', '::1', 'localhost'])
      expect(bindingHost(host)).to.equal(host);
    for (const host of ['10.0.0.1', 'train-chief-0-0.train', '::2'])
      expect(bindingHost(host)).to.be.oneOf(['::', '0.0.0.0']);
  });
});
