import { describeTensor } from '../errors.js';
import { printNode } from '../graph/print.js';
import { topologicalOrder } from '../graph/rewrite.js';
import type { Tensor } from '../graph/tensor.js';
import type { Instruction } from '../lower/program.js';
import type { Plan } from './compile.js';

/** The stages of a run as text. */
export interface Explanation {
  readonly nodes: number;
  readonly kernels: number;
  readonly arenaBytes: number;
  readonly devices: readonly string[];
  toString(): string;
}

export function explainPlan(fetches: readonly Tensor[], plan: Plan): Explanation {
  const built = topologicalOrder(fetches.map(({ node }) => node)).length;
  const kernels = plan.parts.reduce((count, { program }) => count + program.instructions.length, 0);
  const arenaBytes = plan.parts.reduce((bytes, { program }) => bytes + program.arenaBytes, 0);
  return {
    nodes: plan.nodes.length,
    kernels,
    arenaBytes,
    devices: plan.parts.map(({ device }) => device.name),
    toString: () =>
      [`graph: ${built} nodes as written, ${plan.nodes.length} to run`, ...sections(plan)].join(
        '\n',
      ),
  };
}

function sections(plan: Plan): string[] {
  const passes = plan.effects.map(
    ({ pass, nodesBefore, nodesAfter }) => `  ${pass}: ${nodesBefore} -> ${nodesAfter} nodes`,
  );
  const numbers = new Map(plan.nodes.map((node, i) => [node, i]));
  const nodes = plan.nodes.map(
    (node) => `  ${printNode(node, numbers)} on ${plan.placement.get(node)}`,
  );
  return ['', 'passes', ...passes, '', 'nodes', ...nodes, ...plan.parts.flatMap(partLines)];
}

function partLines({ device, program }: Plan['parts'][number]): string[] {
  const lines = program.instructions.map((instruction, i) => {
    const shapes = instruction.outputs
      .map((output) => describeTensor(program.values[output] as never))
      .join(', ');
    return `  ${i} ${instructionName(instruction)} ${instruction.where} -> ${shapes}`;
  });
  const overhead = program.leastBytes === 0 ? 1 : program.arenaBytes / program.leastBytes;
  return [
    '',
    `${device.name}: ${program.instructions.length} kernels, ${program.variables.length} variables`,
    ...lines,
    `  memory: ${program.arenaBytes} bytes, ${overhead.toFixed(2)}x of the bound of ${program.leastBytes}`,
  ];
}

function instructionName(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'template':
      return instruction.template.kind;
    case 'region':
      return instruction.region.region;
    default:
      return instruction.kind;
  }
}
