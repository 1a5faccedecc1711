import { expect } from 'chai';
import fc from 'fast-check';
import { parseHostFile, parseHostList } from '../../../src/cluster/launchers/host-list.js';
import { placeRanks, rankAddresses } from '../../../src/cluster/launchers/rank-placement.js';
import { expandTasksPerNode } from '../../../src/cluster/launchers/tasks-per-node.js';
import { thrown } from '../thrown.js';

const hosts = [
  { name: 'a', tasks: 2 },
  { name: 'b', tasks: 2 },
  { name: 'c', tasks: 1 },
];
const order = (turn: number, ranks = 5) =>
  placeRanks(hosts, ranks, turn)
    .map(({ host, local }) => `${host}${local}`)
    .join(' ');

describe('placing ranks on hosts', () => {
  it('fills them one by one, in turn, or by planes', () => {
    expect([order(Number.POSITIVE_INFINITY), order(1), order(2), order(1, 4)]).to.deep.equal([
      'a0 a1 b0 b1 c0',
      'a0 b0 c0 a1 b1',
      'a0 a1 b0 b1 c0',
      'a0 b0 c0 a1',
    ]);
  });

  it('stops where the hosts are full', () => {
    expect(placeRanks(hosts, 9, 1)).to.have.length(5);
    expect(placeRanks([], 1, 1)).to.deep.equal([]);
  });

  it('gives every process of a host a place of its own', () => {
    const counts = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 });
    const turns = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(counts, turns, (tasks, turn) => {
        const rooms = tasks.map((count, k) => ({ name: `h${k}`, tasks: count }));
        const total = tasks.reduce((sum, count) => sum + count, 0);
        const placed = placeRanks(rooms, total, turn);
        const expected = rooms.flatMap(({ name, tasks: count }) =>
          Array.from({ length: count }, (_, k) => `${name}:${k}`),
        );
        const got = placed.map(({ host, local }) => `${host}:${local}`);
        expect([...got].sort()).to.deep.equal([...expected].sort());
      }),
    );
  });

  it('numbers the ports of a host', () => {
    const placed = placeRanks(hosts, 3, Number.POSITIVE_INFINITY);
    expect(rankAddresses(placed, 2222)).to.deep.equal(['a:2222', 'a:2223', 'b:2222']);
    expect(thrown(() => rankAddresses(placed, 65_535))).to.equal(
      'CLUSTER_INVALID TENON_PORT: process 1 of a would have port 65536.',
    );
  });
});

describe("Slurm's tasks per node", () => {
  it('are counts that may be repeated', () => {
    expect(expandTasksPerNode('2(x3),1', 'v')).to.deep.equal([2, 2, 2, 1]);
    expect(expandTasksPerNode('4', 'v')).to.deep.equal([4]);
    expect(expandTasksPerNode('1,12(x2)', 'v')).to.deep.equal([1, 12, 12]);
  });

  for (const text of ['', '2(x)', '2(3)', 'x2', '2(x0)', '2,,1', '-1']) {
    it(`are not "${text}"`, () => {
      expect(thrown(() => expandTasksPerNode(text, 'v'))).to.match(
        /^CLUSTER_INVALID v: ".*" is not a count of tasks\.$/,
      );
    });
  }

  it('are of at most 65,536 nodes', () => {
    expect(thrown(() => expandTasksPerNode('1(x65537)', 'v'))).to.equal(
      'CLUSTER_INVALID v: it counts more than 65536 nodes.',
    );
  });
});

describe("mpirun's hosts", () => {
  it('are a list with slots', () => {
    expect(parseHostList('a:2, b,a', 'v')).to.deep.equal([
      { name: 'a', tasks: 3 },
      { name: 'b', tasks: 1 },
    ]);
    for (const text of ['', 'a:0', 'a:x', 'a b', 'a,,b']) {
      expect(thrown(() => parseHostList(text, 'v'))).to.match(
        /^CLUSTER_INVALID v: ".*" is not a host with its slots\.$/,
      );
    }
  });

  it('are the lines of a file', () => {
    const text = '# nodes\nn1 slots=2 max_slots=4\nn2 slots = 3 # fast\n\nn3\r\nn3\n';
    expect(parseHostFile(text, 'hosts')).to.deep.equal([
      { name: 'n1', tasks: 2 },
      { name: 'n2', tasks: 3 },
      { name: 'n3', tasks: 2 },
    ]);
  });

  it('are refused with the line that is wrong', () => {
    const errors = ['# none', 'n1\nn2 slots=0', 'n1 slotz=2'].map((text) =>
      thrown(() => parseHostFile(text, 'hosts')),
    );
    expect(errors).to.deep.equal([
      'CLUSTER_INVALID hosts: it names no host.',
      'CLUSTER_INVALID hosts: line 2, "n2 slots=0", is not a host.',
      'CLUSTER_INVALID hosts: line 1, "n1 slotz=2", is not a host.',
    ]);
  });
});
