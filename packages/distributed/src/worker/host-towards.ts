import { connect } from 'node:net';
import { GraphError } from '@tenon/core';
import { parseAddress } from '../cluster/address.js';

const patienceMs = 5000;

/** The address of this machine that a connection to another `host:port` comes from. Errors: ATTRIBUTE_INVALID, UNAVAILABLE. */
export function hostTowards(address: string): Promise<string> {
  const target = parseAddress(address);
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      socket.destroy();
      const fix = 'see that the process runs there; this one goes on when it does.';
      reject(new GraphError('UNAVAILABLE', address, { what, fix, cause }));
    };
    const socket = connect({ host: target?.host ?? '', port: target?.port ?? 0 }, () => {
      const { localAddress = '' } = socket;
      socket.destroy();
      // An address of IPv4 as one of IPv6 has it.
      resolve(localAddress.replace(/^::ffff:(?=\d+\.)/, ''));
    });
    socket.setTimeout(patienceMs, () => fail(`it does not answer within ${patienceMs} ms.`));
    socket.once('error', (cause) => fail(`it can not be reached: ${cause.message}.`, cause));
  });
}
