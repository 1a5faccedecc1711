import { dtypes, GraphError, type Optimizer, storagePlan, type Variable } from '@tenon/core';
import type { ReplicaGraph } from '@tenon/layers';
import type { LookupRole } from '../messages.js';
import { type RowRange, rowCount } from '../rows.js';
import { slotsOf } from '../same-rule.js';
import { planShard, type ShardPlan } from './shard-plan.js';

/** Which variables of a model are where while it is trained. */
export interface ParameterPlan {
  /** What training changes as a whole, by name, in the order in which replicas give what changes it. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /** Names of what it changes by rows. */
  readonly tables: ReadonlyMap<Variable, string>;
  /** What the model reads and nobody changes, by name. */
  readonly fixed: ReadonlyMap<string, Variable>;
  readonly shards: readonly ShardPlan[];
}

export interface PlanOptions {
  readonly graph: ReplicaGraph;
  /** All weights of the model. */
  readonly weights: readonly Variable[];
  readonly optimizer: Optimizer;
  readonly servers: number;
  /** What has fewer bytes, with the slots of its optimizer, lies whole on one server. */
  readonly splitBytes: number;
}

/** A variable, or some of its rows, on one server. */
export interface Holding extends RowRange {
  readonly name: string;
  readonly variable: Variable;
}

/** Whether an optimizer can update some rows of a parameter and leave the others as they are. */
export function updatesRows(optimizer: Optimizer): boolean {
  const { globalClipNorm, weightDecay = 0 } = optimizer.config;
  return splitsRows(optimizer) && globalClipNorm === undefined && weightDecay === 0;
}

/** Whether an optimizer can update a parameter whose rows lie on several servers. */
const splitsRows = ({ elementwise, config }: Optimizer): boolean =>
  elementwise && config.clipNorm === undefined;

/** How replicas read the tables, in the order of the graph's lookups. */
export const lookupRoles = ({ lookups }: ReplicaGraph, plan: ParameterPlan): LookupRole[] =>
  lookups.map(({ table, rows: { node } }) => ({
    table: plan.tables.get(table) as string,
    rows: table.shape[0] as number,
    shape: table.shape.slice(1),
    where: node.where,
  }));

/**
 * Spreads the parameters of a model over servers by bytes, the largest first. What has more than a server's share of all bytes is split
 * by rows over all servers, where the optimizer's rule allows it. Errors: ATTRIBUTE_INVALID.
 */
export function planParameters(options: PlanOptions): ParameterPlan {
  const { graph, weights, optimizer, servers } = options;
  const { trained, variables, kept } = graph;
  const whole = [...variables, ...kept.keys()];
  const tables = new Map([...new Set(graph.lookups.map(({ table }) => table))].map(numbered));
  const names = new Map([...whole.map((variable, i) => [variable, `p${i}`] as const), ...tables]);
  // Slots are numbered in this order.
  optimizer.build(trained);
  if (servers > 1 && optimizer.config.globalClipNorm !== undefined) {
    throw new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
      what: 'globalClipNorm needs all gradients in one place, and there are several parameter servers.',
      fix: 'use clipNorm or clipValue, or one parameter server.',
    });
  }
  const shards = spread(names, options)
    .filter(({ length }) => length > 0)
    .map((holdings) => planShard({ graph, optimizer, holdings }));
  const fixed = weights.filter((variable) => !names.has(variable));
  return {
    parameters: new Map(whole.map((variable) => [names.get(variable) as string, variable])),
    tables,
    fixed: new Map(fixed.map((variable, i) => [`f${i}`, variable])),
    shards,
  };
}

const numbered = (table: Variable, i: number) => [table, `t${i}`] as const;

/** What each server holds; the last ones may have nothing to hold. */
function spread(
  names: ReadonlyMap<Variable, string>,
  { graph: { trained }, optimizer, servers, splitBytes }: PlanOptions,
): Holding[][] {
  const stored = [...names.keys()].map((variable) => {
    const place = trained.indexOf(variable);
    const slots = slotsOf(optimizer, place).map((slot) => slot.variable);
    const bytes = [variable, ...slots].reduce((sum, part) => sum + bytesOf(part), 0);
    const splits = (place < 0 || splitsRows(optimizer)) && bytes >= splitBytes;
    const rows = splits ? rowCount(variable.shape) : 1;
    return { rows, rowBytes: bytes / Math.max(1, rows) };
  });
  const devices = Array.from({ length: servers }, (_, server) => `${server}`);
  const held: Holding[][] = devices.map(() => []);
  const plan = storagePlan(stored, devices);
  [...names].forEach(([variable, name], i) => {
    const ranges = plan[i] ?? [];
    for (const { device, begin, end } of ranges) {
      const range =
        ranges.length > 1 ? { begin, end } : { begin: 0, end: rowCount(variable.shape) };
      held[Number(device)]?.push({ name, variable, ...range });
    }
  });
  return held;
}

const bytesOf = ({ size, dtype }: Variable): number => size * dtypes[dtype].bytes;
