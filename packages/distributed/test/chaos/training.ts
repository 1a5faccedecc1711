import {
  add,
  assign,
  matMul,
  mul,
  placeholder,
  randomNormal,
  type Session,
  sub,
  transpose,
  type Variable,
  variable,
  withDevice,
} from '@tenon/core';

/** A small training whose every step depends on all before it, on its batch and on random numbers. */
export function training(at: <T>(device: string, build: () => T) => T = withDevice) {
  const w = at('/job:ps/task:0', () => variable([[0.5], [-1], [2]], { name: 'w' }));
  const v = at('/job:ps/task:0', () => variable([[0], [0], [0]], { name: 'v' }));
  const x = placeholder({ shape: [4, 3] });
  const gradient = at('/job:worker/task:0', () => {
    const noise = randomNormal({ shape: [4, 1], seed: 7 });
    const error = sub(matMul(x, w), noise); // [4, 1]
    return matMul(transpose(x), error); // [3, 1]
  });
  const update = at('/job:ps/task:0', () => {
    const next = add(mul(v, 0.9), mul(gradient, 0.01));
    return [assign(v, next), assign(w, sub(w, next))] as const;
  });
  return { w, v, x, update, variables: [w, v] as readonly Variable[] };
}

export const batch = (n: number): number[][] =>
  Array.from({ length: 4 }, (_, i) => [0, 1, 2].map((j) => Math.sin(12 * n + 3 * i + j)));

/** Where a session's variables are after steps without any trouble. */
export async function undisturbed(session: Session, steps: number): Promise<unknown> {
  const own = training((_device, build) => build());
  const step = session.prepare([...own.update], [own.x]);
  for (let n = 0; n < steps; n++) await step(batch(n));
  return valuesOf(session, own.variables);
}

export const valuesOf = async (session: Session, variables: readonly Variable[]) =>
  (await session.snapshot(variables)).values.map((value) => value.array());
