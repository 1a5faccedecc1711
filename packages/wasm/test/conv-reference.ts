import {
  type DType,
  dtypes,
  HostTensor,
  js,
  type Program,
  type RunContext,
  readHost,
  type Template,
  type TypedArray,
  type Value,
} from '@tenon/core';

/** What the js device computes from arrays of the template's dtype: the values of the output. */
export function referenceOf(
  template: Template,
  inputs: readonly TypedArray[],
  { dtype, length }: { dtype: DType; length: number },
): number[] {
  const given = inputs.map(
    ({ length: size }, index): Value => ({
      dtype: template.dtype,
      shape: [size],
      storage: { kind: 'input', index },
    }),
  );
  const result: Value = { dtype, shape: [length], storage: { kind: 'arena', offset: 0 } };
  const order = inputs.map((_, i) => i);
  const out = [inputs.length];
  const program: Program = {
    values: [...given, result],
    instructions: [{ kind: 'template', template, inputs: order, outputs: out, where: 'test' }],
    inputs: order,
    outputs: out,
    variables: [],
    commits: [],
    commitFrom: 1,
    arenaBytes: length * dtypes[dtype].bytes,
    leastBytes: 0,
  };
  const executable = js().compile(program, []);
  inputs.forEach((array, i) => {
    const data = readHost(array, template.dtype);
    executable.write(i, new HostTensor(data, [array.length], template.dtype));
  });
  executable.run({ seed: [0, 0], step: 0 } as unknown as RunContext);
  return Array.from((executable.read(0) as HostTensor).data as Float64Array, Number);
}
