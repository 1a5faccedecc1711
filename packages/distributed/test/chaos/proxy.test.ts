import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { TcpProxy } from './proxy.js';

const closeOf = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', resolve));

describe('the proxy of these tests', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const sockets: Socket[] = [];
  /** What the server has heard. */
  let heard = '';

  beforeEach(async () => {
    heard = '';
    echo = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        heard += bytes;
        socket.write(bytes);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.before(`127.0.0.1:${(echo.address() as AddressInfo).port}`);
  });

  afterEach(async () => {
    await proxy.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => echo.close(resolve));
  });

  async function connected() {
    const [host = '', port = ''] = proxy.address.split(':');
    const socket = connect(Number(port), host);
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    let text = '';
    let wake = () => {};
    socket.on('data', (bytes) => {
      text += bytes;
      wake();
    });
    const says = async (wanted: string) => {
      while (text !== wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    return { socket, says, text: () => text, closed: closeOf(socket) };
  }

  it('hands bytes on, late and in order where it has a delay', async () => {
    const { socket, says } = await connected();
    socket.write('now ');
    await says('now ');
    const start = performance.now();
    proxy.delayMs = 40;
    socket.write('late ');
    await says('now late ');
    proxy.delayMs = 0;
    socket.write('soon');
    await says('now late soon');
    expect(performance.now() - start).to.be.at.least(35);
  });

  it('resets connections, and new ones until it is healed', async () => {
    const first = await connected();
    proxy.cut();
    await first.closed;
    const [host = '', port = ''] = proxy.address.split(':');
    const second = connect(Number(port), host).on('error', () => {});
    await closeOf(second);
    proxy.heal();
    const third = await connected();
    third.socket.write('again');
    await third.says('again');
    expect(proxy.connections).to.equal(2);
  });

  it('keeps bytes of one direction back until it is healed', async () => {
    const { socket, says, text } = await connected();
    socket.write('a');
    await says('a');
    proxy.partition('down');
    socket.write('b');
    while (heard !== 'ab') await new Promise(setImmediate);
    expect(text()).to.equal('a');
    proxy.heal();
    await says('ab');
  });

  it('lets one side believe in a connection that the other has lost', async () => {
    const { socket, says } = await connected();
    socket.write('a');
    await says('a');
    const lost = closeOf(sockets.find((one) => one !== socket) as Socket);
    proxy.halfOpen();
    await lost;
    socket.write('b');
    await new Promise(setImmediate);
    expect([socket.destroyed, heard]).to.deep.equal([false, 'a']);
  });
});
