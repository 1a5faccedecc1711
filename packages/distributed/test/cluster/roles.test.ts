import { expect } from 'chai';
import { countRoles, parseRoles } from '../../src/cluster/roles.js';
import { thrown } from './thrown.js';

const counted = (text: string, ranks: number) => countRoles(parseRoles(text, 'roles'), ranks);

describe('roles', () => {
  it('share the ranks among the jobs', () => {
    expect(countRoles(undefined, 3)).to.deep.equal([{ job: 'worker', count: 3 }]);
    expect(counted('chief=1, ps=2 ,worker=*', 7)).to.deep.equal([
      { job: 'chief', count: 1 },
      { job: 'ps', count: 2 },
      { job: 'worker', count: 4 },
    ]);
    expect(counted('worker=2x3,ps=1', 7)).to.deep.equal([
      { job: 'worker', count: 6 },
      { job: 'ps', count: 1 },
    ]);
  });

  const malformed: readonly [text: string, what: string][] = [
    ['ps', '"ps" is not job=count.'],
    ['ps=', '"ps=" is not job=count.'],
    ['ps=-1', '"ps=-1" is not job=count.'],
    ['=2', '"=2" is not job=count.'],
    ['ps=1,', '"" is not job=count.'],
    ['__proto__=1', '"__proto__=1" is not job=count.'],
    ['ps=2x', '"ps=2x" is not job=count.'],
    ['ps=0', 'job ps has no task.'],
    ['ps=2x0', 'job ps has no task.'],
    ['ps=1,ps=2', 'job ps stands there twice.'],
    ['ps=*,worker=*', 'only one job can take the rest (*).'],
  ];
  for (const [text, what] of malformed) {
    it(`cannot be "${text}"`, () => {
      expect(thrown(() => parseRoles(text, 'roles'))).to.equal(`CLUSTER_INVALID roles: ${what}`);
    });
  }

  const mismatched: readonly [text: string, ranks: number, needs: string][] = [
    ['ps=2,worker=2', 3, '4'],
    ['ps=2,worker=2', 5, '4'],
    ['ps=2,worker=*', 2, 'at least 3'],
  ];
  for (const [text, ranks, needs] of mismatched) {
    it(`"${text}" does not fit ${ranks} processes`, () => {
      expect(thrown(() => counted(text, ranks))).to.equal(
        `CLUSTER_INVALID TENON_ROLES: it needs ${needs} processes, but ${ranks} were launched.`,
      );
    });
  }
});
