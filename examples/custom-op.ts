/** Three ops of one's own, used in a layer of one's own, and trained. */
import * as tn from 'tenon';
import { z } from 'zod';

/** An elementwise op, `y = e^(-x^2)`: shapes and dtype, gradient, and a formula from which devices make loops. */
const bump = tn.defineOp({
  name: 'bump',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: ({ x, y, dy }) => ({ x: tn.mul(dy, tn.mul(-2, tn.mul(x, y))) }),
  lower: ({ inputs, output }) =>
    tn.loops.elementwise(
      (x) => tn.loops.call('exp', tn.loops.call('neg', tn.loops.call('mul', x, x))),
      [inputs.x],
      output,
    ),
});

/** An op with a gradient that its meaning does not give: rounded, but differentiated as if it were `y = x`. */
const roundThrough = tn.defineOp({
  name: 'roundThrough',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: ({ dy }) => ({ x: dy }),
  expand: ({ x }) => tn.round(x),
});

/** A host op, plain TypeScript over the values: 1 for the `keep` largest numbers of each row, else 0. */
const strongest = tn.defineOp({
  name: 'strongest',
  inputs: ['x'],
  attrs: z.strictObject({ keep: z.int().min(1) }),
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: 'zero',
  run({ x }, { keep }) {
    const width = x.shape.at(-1) ?? 1;
    const mask = new Float32Array(x.size);
    for (let row = 0; row < x.size; row += width) {
      const values = Array.from({ length: width }, (_, i) => Number(x.data[row + i]));
      const order = values.map((_, i) => i).sort((i, j) => (values[j] ?? 0) - (values[i] ?? 0));
      for (const i of order.slice(0, keep)) mask[row + i] = 1;
    }
    return tn.hostTensor(mask, { shape: x.shape, dtype: x.dtype });
  },
});

const bumpsConfig = tn.layerConfig.extend({ units: z.int().min(1), keep: z.int().min(1) });

/** `y = strongest(h) h` with `h = bump(x kernel + centre)` and a kernel of eighths. Shapes: x [batch, in] -> [batch, units]. */
class Bumps extends tn.Layer<typeof bumpsConfig> {
  static override readonly config = bumpsConfig;
  static override readonly className = 'Bumps';
  private kernel!: tn.Variable;
  private centre!: tn.Variable;

  protected override build([, size]: tn.Shape): void {
    const { units } = this.config;
    this.kernel = this.weight('kernel', [size ?? 1, units], { initializer: 'glorotUniform' });
    this.centre = this.weight('centre', [units], { initializer: 'glorotUniform' });
  }

  protected override call(x: tn.Tensor): tn.Tensor {
    const kernel = tn.div(roundThrough(tn.mul(this.kernel, 8)), 8);
    const h = bump(tn.add(tn.matMul(x, kernel), this.centre));
    return tn.mul(h, strongest(h, { keep: this.config.keep }));
  }
}

// Is a point inside the ring 0.4 < r < 0.8?
const x = Array.from({ length: 400 }, (_, i) => [Math.sin(5 * i), Math.cos(3 * i + 1)]);
const y = x.map(([a = 0, b = 0]) => [Math.hypot(a, b) > 0.4 && Math.hypot(a, b) < 0.8 ? 1 : 0]);

const model = tn.sequential({
  layers: [
    new Bumps({ units: 24, keep: 12, inputShape: [2] }),
    tn.layers.dense({ units: 1, activation: 'sigmoid' }),
  ],
});
model.compile({
  optimizer: tn.adam({ learningRate: 0.03 }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});
const before = await model.evaluate(x, y);
await model.fit(x, y, { epochs: 40, batchSize: 40, verbose: 0 });
const after = await model.evaluate(x, y);
const shown = ({ loss = 0, accuracy = 0 }: tn.Logs) =>
  `loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`;
console.log(`before: ${shown(before)}`);
console.log(`after:  ${shown(after)}`);
