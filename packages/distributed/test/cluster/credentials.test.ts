import { expect } from 'chai';
import { readCredentials } from '../../src/index.js';
import { thrown } from './thrown.js';

const files: Readonly<Record<string, string>> = {
  '/tls/ca.crt': 'authority\n',
  '/tls/tls.crt': 'certificate\n',
  '/tls/tls.key': 'key\n',
  '/half/ca.crt': ' \n',
  '/token': 'secret-of-the-run\n',
};
const readFile = (path: string) => {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return new TextEncoder().encode(text);
};

describe('credentials', () => {
  it('are a mounted TLS secret, a token, both or nothing', () => {
    const tls = { ca: 'authority\n', cert: 'certificate\n', key: 'key\n' };
    const token = 'secret-of-the-run';
    const environments = [
      {},
      { TENON_TLS: '/tls' },
      { TENON_TLS: '/tls', TENON_TLS_NAME: 'tenon', TENON_TOKEN_FILE: '/token' },
      { TENON_TOKEN: token },
    ];
    expect(environments.map((environment) => readCredentials(environment, readFile))).to.deep.equal(
      [{}, { tls }, { tls: { ...tls, serverName: 'tenon' }, token }, { token }],
    );
  });

  it('are refused where a file is missing or empty', () => {
    const environments = [
      { TENON_TLS: '/none' },
      { TENON_TLS: '/half' },
      { TENON_TOKEN_FILE: '/none' },
    ];
    expect(
      environments.map((environment) => thrown(() => readCredentials(environment, readFile))),
    ).to.deep.equal([
      'CLUSTER_INVALID TENON_TLS: /none/ca.crt cannot be read: ENOENT.',
      'CLUSTER_INVALID TENON_TLS: /half/ca.crt is empty.',
      'CLUSTER_INVALID TENON_TOKEN_FILE: /none cannot be read: ENOENT.',
    ]);
  });
});
