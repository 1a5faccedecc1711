import { expect } from 'chai';
import * as tn from 'tenon';
import { type Net, nets } from './nets.js';

/** Losses of a few epochs with a smaller last batch, and predictions after them. */
async function trained(
  net: Net,
  device: tn.Device,
): Promise<{ losses: number[]; y: tn.HostTensor }> {
  const session = new tn.Session({ devices: [device], seed: 3 });
  const model = net.model();
  model.useSession(session);
  model.compile({ optimizer: 'adam', loss: net.loss });
  const [x, y] = net.data(21);
  const { history } = await model.fit(x, y, {
    epochs: 4,
    batchSize: 8,
    shuffle: false,
    verbose: 0,
  });
  const predicted = (await model.predict(x, { batchSize: 5 })) as tn.HostTensor;
  session.close();
  return { losses: [...(history.loss as readonly number[])], y: predicted };
}

describe('nets on wasm', () => {
  for (const [name, net] of Object.entries(nets)) {
    it(`${name} trains as on the js device`, async () => {
      const device = tn.wasm({ threads: 2 });
      const [expected, found] = [await trained(net, tn.js()), await trained(net, device)];
      device.close();
      expected.losses.forEach((loss, i) =>
        expect(found.losses[i]).to.be.closeTo(loss, 2e-3 * Math.abs(loss)),
      );
      expected.y.data.forEach((value, i) =>
        expect(Number(found.y.data[i])).to.be.closeTo(Number(value), 5e-3),
      );
    }).timeout(60_000);
  }
});
