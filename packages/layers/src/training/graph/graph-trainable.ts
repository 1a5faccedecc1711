import {
  asVariable,
  broadcastLike,
  broadcastTo,
  constant,
  GraphError,
  type KnownShape,
  type Optimizer,
  type Session,
  type Tensor,
  topologicalOrder,
  type Variable,
  variable,
} from '@tenon/core';
import { MeanMetric } from '../../metrics/mean-metric.js';
import { Step } from '../steps/step.js';
import { onesFor, type StepParts } from '../steps/step-parts.js';
import { type Tracker, tracker } from '../steps/tracker.js';
import type { Trainable } from '../trainable.js';

/** A graph that is trained. */
export interface TrainedGraph {
  readonly session: Session;
  /** A scalar: the mean over the examples of a batch. */
  readonly loss: Tensor;
  /** What a batch is fed to, in order: placeholders whose first axis is that of the examples. */
  readonly inputs: readonly Tensor[];
  readonly optimizer: Optimizer;
  /** What is changed by gradients; all trainable variables that the loss reads when left out. */
  readonly variables?: readonly Variable[] | undefined;
  /** New values of variables that gradients do not change, such as moving averages: a mean over the examples of a batch each. */
  readonly updates?: ReadonlyMap<Variable, Tensor> | undefined;
  /** What is logged beside the loss: values of examples [batch, ...], or means over a batch. */
  readonly metrics?: Readonly<Record<string, Tensor>> | undefined;
}

/** A graph as strategies train it. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID, FEED_MISSING, STATE_INVALID. */
export function trainableGraph(graph: TrainedGraph): Trainable {
  const { session, loss, inputs, optimizer, updates = new Map() } = graph;
  const name = 'trainGraph';
  checkLoss(loss, name);
  for (const input of inputs) checkInput(input, name);
  const logged = Object.values(graph.metrics ?? {});
  const roots = [loss, ...updates.values(), ...logged].map(({ node }) => node);
  checkFed(roots, inputs);
  const read = variablesIn(roots);
  const trained = graph.variables ?? variablesIn([loss.node]).filter(isTrainable);
  if (trained.length === 0) {
    throw new GraphError('STATE_INVALID', name, {
      what: 'the loss reads no trainable variable.',
      fix: 'make what is to be trained with variable(...).',
    });
  }
  const parts: StepParts = { fed: inputs, loss, trained, kept: updates, trackers: trackers(graph) };
  let step: Step | undefined;
  return {
    name,
    session,
    optimizer,
    variables: [...new Set([...read, ...trained, ...updates.keys()])],
    stepsPerExecution: 1,
    graph: () => parts,
    step: () => (step ??= new Step(session, { parts, optimizer })),
  };
}

/** Exact means over all examples, whatever the sizes of the batches. */
function trackers({ loss, inputs, metrics = {} }: TrainedGraph): Tracker[] {
  if ('loss' in metrics) {
    throw new GraphError('ATTRIBUTE_INVALID', 'metrics', {
      what: 'loss is the name of the loss.',
      fix: 'give the metric another name.',
    });
  }
  const weight = onesFor(inputs[0] as Tensor);
  return Object.entries({ loss, ...metrics }).map(([name, value]) => {
    const output = value.rank === 0 ? broadcastLike(value, weight) : value;
    return tracker({
      name,
      metric: new MeanMetric(name, (_target, values) => values),
      observation: { target: output, output, weight },
      cell: (key, shape) => zeros(`${name}/${key}`, shape),
    });
  });
}

const zeros = (name: string, shape: KnownShape): Variable =>
  variable(broadcastTo(constant(0), { shape: [...shape] }), { name, trainable: false });

type Node = Tensor['node'];

const variablesIn = (roots: readonly Node[]): Variable[] =>
  topologicalOrder(roots).flatMap(({ outputs: [output] }) => asVariable(output as Tensor) ?? []);

const isTrainable = ({ trainable }: Variable): boolean => trainable;

function checkLoss(loss: Tensor, name: string): void {
  if (loss.rank === 0) return;
  throw new GraphError('SHAPE_MISMATCH', name, {
    what: 'the loss must be a scalar.',
    given: { loss },
    fix: 'take its mean over the examples.',
  });
}

function checkInput(input: Tensor, name: string): void {
  if (input.node.op.role === 'input' && input.rank > 0) return;
  throw new GraphError('ATTRIBUTE_INVALID', name, {
    what: 'an input must be a placeholder whose first axis is that of the examples.',
    given: { input },
    fix: 'make it with placeholder({ shape: [null, ...] }); keep single numbers in variables.',
  });
}

function checkFed(roots: readonly Node[], inputs: readonly Tensor[]): void {
  const fed = new Set(inputs.map(({ node }) => node));
  const missing = topologicalOrder(roots).find(
    (node) => node.op.role === 'input' && !fed.has(node),
  );
  if (fed.size > 0 && !missing) return;
  throw new GraphError('FEED_MISSING', missing?.where ?? 'trainGraph', {
    what: missing ? 'the graph reads it, and it is not among the inputs.' : 'there are no inputs.',
    fix: 'list all placeholders in inputs.',
  });
}
