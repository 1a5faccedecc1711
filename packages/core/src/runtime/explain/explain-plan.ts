import { describeTensor } from '../../errors.js';
import { printNode } from '../../graph/print.js';
import { topologicalOrder } from '../../graph/rewrite.js';
import type { Tensor } from '../../graph/tensor.js';
import type { Instruction, Program } from '../../lower/program.js';
import type { Plan } from '../compile.js';
import { explainPlacement, type PlacementExplanation } from './explain-placement.js';

/** The stages of a run as text. */
export interface Explanation {
  readonly nodes: number;
  readonly kernels: number;
  readonly arenaBytes: number;
  readonly devices: readonly string[];
  /** What the cost model says, where the session places automatically and has several devices. */
  readonly placement?: PlacementExplanation;
  toString(): string;
}

export function explainPlan(fetches: readonly Tensor[], plan: Plan): Explanation {
  const built = topologicalOrder(fetches.map(({ node }) => node)).length;
  const programs = plan.parts.flatMap(({ program }) => program ?? []);
  const kernels = programs.reduce((count, { instructions }) => count + instructions.length, 0);
  const placement = plan.automatic && explainPlacement(plan.automatic);
  const arenaBytes = programs.reduce((bytes, program) => bytes + program.arenaBytes, 0);
  return {
    nodes: plan.nodes.length,
    kernels,
    arenaBytes,
    devices: plan.parts.map(({ device }) => device.name),
    ...(placement ? { placement } : {}),
    toString: () =>
      [
        `graph: ${built} nodes as written, ${plan.nodes.length} to run`,
        ...sections(plan),
        ...(placement ? ['', `${placement}`] : []),
      ].join('\n'),
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

function partLines({ device, part, program }: Plan['parts'][number]): string[] {
  if (!program) return ['', `${device.name}: lowers ${part.nodes.length} nodes itself`];
  const overhead = program.leastBytes === 0 ? 1 : program.arenaBytes / program.leastBytes;
  return [
    '',
    `${device.name}: ${program.instructions.length} kernels, ${program.variables.length} variables`,
    ...instructionLines(program, '  '),
    `  memory: ${program.arenaBytes} bytes, ${overhead.toFixed(2)}x of the bound of ${program.leastBytes}`,
  ];
}

/** One line for each instruction; those of bodies are indented below the one that runs them. */
function instructionLines(program: Program, indent: string): string[] {
  const { instructions, values, refused = [] } = program;
  const lines = instructions.flatMap((instruction, i) => {
    const shapes = instruction.outputs
      .map((output) => describeTensor(values[output] as never))
      .join(', ');
    const bodies = instruction.kind === 'region' ? instruction.programs : [];
    const { where, parts } = instruction;
    const from = parts ? `${where} (${parts.join(', ')})` : where;
    return [
      `${indent}${i} ${instructionName(instruction)} ${from} -> ${shapes}`,
      ...bodies.flatMap((body) => instructionLines(body, `${indent}  `)),
    ];
  });
  const apart = refused.map(
    ({ producer, reader, why }) => `${indent}${reader} is apart from ${producer}: ${why}`,
  );
  return [...lines, ...apart];
}

function instructionName(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'template':
      return instruction.finish ? `${instruction.template.kind} +` : instruction.template.kind;
    case 'region':
      return instruction.region.region;
    case 'sweep':
      return `sweep of ${instruction.extents.length}`;
    default:
      return instruction.kind;
  }
}
