import { generate } from 'selfsigned';
import type { MutualTls } from '../../src/transport/security.js';

/** An authority of its own, and certificates that it signed for a process at 127.0.0.1. */
export async function certificates(): Promise<{
  readonly sender: MutualTls;
  readonly receiver: MutualTls;
}> {
  const ca = await generate([{ name: 'commonName', value: 'test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  const signed = async (): Promise<MutualTls> => {
    const made = await generate([{ name: 'commonName', value: 'worker' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      ca: { cert: ca.cert, key: ca.private },
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'worker.cluster' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    return { ca: ca.cert, cert: made.cert, key: made.private };
  };
  const [sender, receiver] = await Promise.all([signed(), signed()]);
  return { sender, receiver };
}
