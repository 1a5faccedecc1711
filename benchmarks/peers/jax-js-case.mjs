/**
 * One case of jax-js in a process of its own: jax-js-case.mjs <case> 1 <seconds>; prints one JSON line. It has no layers: the net is
 * written on its arrays, and trained by plain gradient descent, which is less work than Adam.
 */
import { setFlagsFromString } from 'node:v8';
import { defaultDevice, init, jit, nn, numpy as np, random, valueAndGrad } from '@jax-js/jax';
import { peakMegabytes, rounded, timed } from './timing.mjs';

setFlagsFromString('--experimental-wasm-relaxed-simd');
await init('wasm');
defaultDevice('wasm');

const cases = { mlp_small: [[4, 32, 3], 32], mlp_mnist: [[784, 512, 512, 10], 128] };
const [name, , seconds = '4'] = process.argv.slice(2);
const line = { peer: 'jax-js', case: name, threads: 1 };
try {
  if (!cases[name]) throw new Error('jax-js has no layers for this case');
  const [sizes, batch] = cases[name];
  let params = sizes
    .slice(1)
    .flatMap((size, i) => [
      random.normal(random.key(i), [sizes[i], size]).mul(Math.sqrt(2 / sizes[i])),
      np.zeros([size]),
    ]);
  const x = random.normal(random.key(99), [batch, sizes[0]]);
  const y = nn.oneHot(np.zeros([batch], { dtype: np.int32 }), sizes.at(-1));
  const loss = (weights, x, y) => {
    let h = x;
    for (let i = 0; i < weights.length; i += 2) {
      h = np.dot(h, weights[i]).add(weights[i + 1]);
      if (i + 2 < weights.length) h = nn.relu(h);
    }
    return nn
      .logSoftmax(h)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
  const step = jit((weights, x, y) => {
    const [value, gradients] = valueAndGrad(loss)(
      weights.map((array) => array.ref),
      x,
      y,
    );
    return [value, weights.map((array, i) => array.sub(gradients[i].mul(0.01)))];
  });
  const once = async () => {
    const [value, next] = step(params, x.ref, y.ref);
    params = next;
    await value.data();
  };
  const start = performance.now();
  await once();
  const first = performance.now() - start;
  const { least, median } = await timed(once, Number(seconds));
  console.log(
    JSON.stringify({
      ...line,
      train_ms: rounded(least),
      train_median_ms: rounded(median),
      infer_ms: null,
      compile_ms: 0,
      first_step_ms: rounded(first),
      peak_mb: peakMegabytes(),
    }),
  );
} catch (error) {
  console.log(JSON.stringify({ ...line, error: String(error?.message ?? error).slice(0, 160) }));
}
process.exit(0);
