import type { Kernel, Statement } from '@tenon/core';

/** The loops over parallel axes with nothing but the next loop inside. */
export function outerLoops({ axes, body }: Kernel): {
  around: number[];
  inside: readonly Statement[];
} {
  const around: number[] = [];
  let inside = body;
  for (;;) {
    const [only] = inside;
    if (inside.length !== 1 || only?.kind !== 'for' || axes[only.axis]?.role !== 'parallel')
      return { around, inside };
    around.push(only.axis);
    inside = only.body;
  }
}
