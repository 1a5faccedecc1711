/** Fits a line with the graph engine alone: placeholders, variables, gradients and a session. */
import {
  add,
  assign,
  gradients,
  matMul,
  mean,
  mul,
  placeholder,
  Session,
  square,
  sub,
  variable,
} from '@tenon/core';

const truth = { weights: [2, -3, 0.5], bias: 1 };

/** Points of the plane that is to be found again, the same in each run. */
function points(count: number): { xs: number[][]; ys: number[][] } {
  const xs = Array.from({ length: count }, (_, i) => [
    Math.sin(i),
    Math.cos(2 * i),
    Math.sin(3 * i),
  ]);
  const ys = xs.map((row) => [
    row.reduce((sum, x, j) => sum + x * (truth.weights[j] ?? 0), truth.bias),
  ]);
  return { xs, ys };
}

const x = placeholder({ shape: [null, 3], name: 'x' });
const y = placeholder({ shape: [null, 1], name: 'y' });
const w = variable(new Float32Array(3), { shape: [3, 1], name: 'w' });
const b = variable(0, { name: 'b' });

const loss = mean(square(sub(add(matMul(x, w), b), y)));
const [dw, db] = gradients(loss, [w, b]);

// Both variables change together after the step: the gradients are those of the values before it.
const step = [assign(w, sub(w, mul(dw, 0.3))), assign(b, sub(b, mul(db, 0.3)))];

const session = new Session();
const train = session.prepare({ loss, step }, [x, y]);
const { xs, ys } = points(200);
for (let i = 0; i <= 100; i++) {
  const result = await train(xs, ys);
  if (i % 25 === 0) console.log(`step ${i}: loss ${result.loss.item().toExponential(3)}`);
}

const fitted = await session.run({ w, b });
const rounded = (value: number) => value.toFixed(3);
console.log(`weights ${[...fitted.w.data].map(Number).map(rounded).join(', ')}`);
console.log(`bias    ${rounded(fitted.b.item())}`);
session.close();
