import * as tn from 'tenon';

const whole = (count: number, below: number, seed: number): number[] => {
  const generator = new tn.Threefry();
  generator.setKey(seed, 0);
  return Array.from({ length: count }, (_, i) => {
    generator.block(i, 0);
    return (generator.word0 >>> 0) % below;
  });
};

// Without a seed every layer draws numbers of its own.
const seeded = (seed: number) => ({ className: 'glorotUniform', config: { seed } });

/** A hash of the weights of a small convnet after some steps on a device; threads take part in steps of this size. */
export async function trainedNet(device: tn.Device): Promise<string> {
  const session = new tn.Session({ devices: [device], seed: 7 });
  const model = tn.sequential({
    layers: [
      tn.layers.conv2d({
        ...{ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [14, 14, 1] },
        kernelInitializer: seeded(1),
      }),
      tn.layers.batchNormalization(),
      tn.layers.maxPooling2d({ poolSize: 2 }),
      tn.layers.flatten(),
      tn.layers.dropout({ rate: 0.25, seed: 2 }),
      tn.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(3) }),
    ],
  });
  model.useSession(session);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const count = 256;
  const x = new tn.HostTensor(
    Float32Array.from(whole(count * 196, 256, 1), (value) => value / 255),
    [count, 14, 14, 1],
  );
  const y = new tn.HostTensor(Int32Array.from(whole(count, 10, 2)), [count]);
  await model.fit(x, y, { epochs: 3, batchSize: 32, verbose: 0 });
  const hash = await hashOf(model);
  session.close();
  device.close();
  return hash;
}

/** Both words of a running Threefry over the bits of all weights. */
async function hashOf(model: tn.Model): Promise<string> {
  const generator = new tn.Threefry();
  let [a, b] = [0, 0];
  for (const weight of await model.getWeights()) {
    const { buffer, byteOffset, length } = weight.data as Float32Array;
    for (const word of new Int32Array(buffer, byteOffset, length)) {
      generator.setKey(a, b);
      generator.block(word, length);
      [a, b] = [generator.word0, generator.word1];
    }
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
