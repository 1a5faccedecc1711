import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { add, js } from '@tenon/core';
import {
  ClusterSession,
  membersOf,
  readCredentials,
  serveMaster,
  serveWorker,
} from '@tenon/distributed';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';

const script = join(repositoryRoot, 'deploy/tls/certificates.sh');
const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].some((path) => existsSync(path));

(openssl ? describe : describe.skip)(
  `deploy/tls/certificates.sh${openssl ? '' : ' (openssl is not installed)'}`,
  () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tenon-tls-'));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const made = async (name: string) => {
      const directory = join(folder, name);
      await promisify(execFile)(script, [directory, 'tenon-cluster']);
      const variables = { TENON_TLS: directory, TENON_TLS_NAME: 'tenon-cluster' };
      return readCredentials(variables);
    };

    it('makes what a cluster off loopback talks with, readable by its owner alone', async () => {
      const security = await made('ours');
      const { mode } = await stat(join(folder, 'ours/tls.key'));
      expect((mode & 0o777).toString(8)).to.equal('600');
      const host = '0.0.0.0';
      const worker = await serveWorker({ job: 'worker', task: 0, devices: [js()], host, security });
      const own = (address: string) => address.replace(host, '127.0.0.1');
      const members = membersOf({ worker: [own(worker.address)] }, security);
      const master = await serveMaster({ members, host, security });
      const target = `grpc://${own(master.address)}`;
      const session = new ClusterSession({ target, security });
      const stranger = new ClusterSession({ target, security: await made('theirs') });
      try {
        expect((await session.run(add(1, 2))).item()).to.equal(3);
        const refused = await stranger.run(add(1, 2)).then(
          () => 'let in',
          ({ code }) => code as string,
        );
        expect(refused).to.equal('UNAUTHENTICATED');
      } finally {
        for (const one of [session, stranger, master, worker]) await one.close();
      }
    });
  },
);
