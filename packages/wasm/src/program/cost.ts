import type {
  Axis,
  Expression,
  Instruction,
  Program,
  Statement,
  Template,
  WindowGeometry,
} from '@tenon/core';

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0);

const windowed = ({ batch, outSize, window }: WindowGeometry): number =>
  batch * product(outSize) * product(window);

// Nanoseconds on one thread: a template of matrices does about 25 flop in one, others pass an element in about one.
const flopsPerNanosecond = 25;

function templateCost(template: Template): number {
  switch (template.kind) {
    case 'gemm':
      return (2 * template.batch * template.m * template.k * template.n) / flopsPerNanosecond;
    case 'conv':
    case 'convInputGradient':
    case 'convFilterGradient': {
      const { inChannels, outChannels, groups } = template.geometry;
      const perPosition = (2 * inChannels * outChannels) / groups;
      return (windowed(template.geometry) * perPosition) / flopsPerNanosecond;
    }
    case 'pool':
    case 'averagePoolGradient':
    case 'maxPoolGradient':
    case 'maxPoolSelect':
    case 'maxPoolIndex':
      return (windowed(template.geometry) * template.geometry.channels) / 2;
    case 'gather':
      return template.view.outer * template.count * (template.view.inner / 4 + 4);
    case 'scatter':
      return template.rows * template.inner + template.count * (template.inner / 2 + 4);
    case 'sort': {
      const { outer, size, inner } = template.view;
      return outer * size * inner * 20 * Math.log2(size + 2);
    }
    case 'cumulative':
    case 'argReduce':
      return product([template.view.outer, template.view.size, template.view.inner]);
    case 'attention':
    case 'attentionGradient': {
      const { batch, queries, keys, size, values, causal } = template.geometry;
      const scores = product(batch) * queries * keys * (causal ? 0.5 : 1);
      const products = template.kind === 'attention' ? 2 : 5;
      return (products * scores * (size + values)) / flopsPerNanosecond + 2 * scores;
    }
    case 'inRange':
      return product(template.shape);
    case 'randomBits':
      return 5 * template.count;
  }
}

/** Values that are loaded for one value. */
function loads(value: Expression): number {
  switch (value.kind) {
    case 'load':
      return 1;
    case 'call':
      return sum(value.args.map(loads));
    case 'select':
      return sum([value.condition, value.whenTrue, value.whenFalse].map(loads));
    case 'cast':
    case 'bitcast':
      return loads(value.value);
    default:
      return 0;
  }
}

/** Loads, stores and sums of one turn around the statements. */
function traffic(statements: readonly Statement[], axes: readonly Axis[]): number {
  const each = statements.map((statement) => {
    if (statement.kind === 'barrier') return 0;
    if (statement.kind !== 'for') return 1 + loads(statement.value);
    const turns = axes[statement.axis]?.extent ?? 0;
    return turns * traffic(statement.body, axes);
  });
  return sum(each);
}

/** About how many nanoseconds an instruction takes on one thread: whether several are worth waking, nothing finer. */
export function costOf(instruction: Instruction): number {
  switch (instruction.kind) {
    case 'loop':
      return traffic(instruction.kernel.body, instruction.kernel.axes) / 4;
    case 'sweep':
      return (sum(instruction.extents) * (1 + instruction.kernel.buffers.length)) / 4;
    case 'template':
      return templateCost(instruction.template);
    case 'region': {
      const { region } = instruction;
      const turns = region.region === 'scan' ? region.length : region.region === 'while' ? 10 : 1;
      return turns * Math.max(...instruction.programs.map(programCost));
    }
    default:
      return 1000;
  }
}

export const programCost = ({ instructions }: Program): number =>
  instructions.reduce((all, instruction) => all + costOf(instruction), 0);
