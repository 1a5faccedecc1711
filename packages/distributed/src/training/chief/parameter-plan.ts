import { GraphError, type KnownShape, type Optimizer, type Variable } from '@tenon/core';
import type { ReplicaGraph } from '@tenon/layers';
import type { LookupRole } from '../messages.js';
import { slotsOf, tableGraph } from '../table/table-graph.js';
import { shardGraph } from './shard-graph.js';

/** A parameter of which only rows are pulled and updated. */
export interface TablePlan {
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  /** The parameter and the slots of its optimizer. */
  readonly parts: readonly Variable[];
  readonly graph: Uint8Array;
}

/** What one parameter shard holds. */
export interface ShardPlan {
  /** Names of its parameters in the order in which gradients come. */
  readonly parameters: readonly string[];
  /** All of its state by name, parameters first. */
  readonly state: ReadonlyMap<string, Variable>;
  readonly graph: Uint8Array;
  readonly tables: readonly TablePlan[];
}

/** Which variables of a model are where while it is trained. */
export interface ParameterPlan {
  /** What training changes as a whole, by name. */
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
  readonly shards: number;
}

/** Whether an optimizer can update some rows of a parameter and leave the others as they are. */
export function updatesRows({ elementwise, config }: Optimizer): boolean {
  const { clipNorm, globalClipNorm, weightDecay = 0 } = config;
  return elementwise && clipNorm === undefined && globalClipNorm === undefined && weightDecay === 0;
}

/** How replicas read the tables, in the order of the graph's lookups. */
export const lookupRoles = ({ lookups }: ReplicaGraph, plan: ParameterPlan): LookupRole[] =>
  lookups.map(({ table, rows: { node } }) => ({
    table: plan.tables.get(table) as string,
    rows: table.shape[0] as number,
    shape: table.shape.slice(1),
    where: node.where,
  }));

/** Spreads the parameters of a model over shards by size, the largest first. Errors: ATTRIBUTE_INVALID. */
export function planParameters({ graph, weights, optimizer, shards }: PlanOptions): ParameterPlan {
  const { trained, variables, kept } = graph;
  const whole = [...variables, ...kept.keys()];
  const names = new Map(whole.map((variable, i) => [variable, `p${i}`]));
  const tables = new Map([...new Set(graph.lookups.map(({ table }) => table))].map(numbered));
  // Slots are numbered in this order.
  optimizer.build(trained);
  if (shards > 1 && optimizer.config.globalClipNorm !== undefined) {
    throw new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
      what: 'globalClipNorm needs all gradients in one place, and there are several parameter servers.',
      fix: 'use clipNorm or clipValue, or one parameter server.',
    });
  }
  const all = [...whole, ...tables.keys()];
  const plans = spread(all, Math.min(shards, all.length)).map((own): ShardPlan => {
    const named = (among: Iterable<Variable>) =>
      new Map(
        [...among]
          .filter((variable) => own.has(variable))
          .map((variable) => [names.get(variable) as string, variable]),
      );
    const mine = named(variables);
    const moved = named(kept.keys());
    const rows = [...tables].filter(([table]) => own.has(table));
    const updated = mine.size > 0 || rows.length > 0;
    const places = new Set([...mine.values()].map((variable) => `${trained.indexOf(variable)}`));
    const slots = new Map(
      optimizer
        .variables()
        .filter(({ name }) => !name.includes('/') || places.has(name.split('/').at(-1) as string))
        .map(({ name, variable }) => [name, variable]),
    );
    const state = updated ? slots : new Map<string, Variable>();
    return {
      parameters: [...mine.keys(), ...moved.keys()],
      state: new Map([...mine, ...moved, ...state]),
      graph: shardGraph({ optimizer, trained: mine, kept: moved, slots: state }),
      tables: rows.map(([table, name]) => ({
        name,
        ...sizesOf(table.shape),
        parts: [table, ...slotsOf(optimizer, trained.indexOf(table))],
        graph: tableGraph(optimizer, sizesOf(table.shape).width),
      })),
    };
  });
  const fixed = weights.filter((variable) => !names.has(variable) && !tables.has(variable));
  return {
    parameters: new Map([...names].map(([variable, name]) => [name, variable])),
    tables,
    fixed: new Map(fixed.map((variable, i) => [`f${i}`, variable])),
    shards: plans,
  };
}

const numbered = (table: Variable, i: number) => [table, `t${i}`] as const;

const sizesOf = ([rows = 0, ...inner]: KnownShape) => ({
  rows,
  width: inner.reduce((size, n) => size * n, 1),
});

/** Largest first, each to the shard that has the least. */
function spread(variables: readonly Variable[], shards: number): ReadonlySet<Variable>[] {
  const sets = Array.from({ length: shards }, () => new Set<Variable>());
  const loads = new Array<number>(shards).fill(0);
  for (const variable of [...variables].sort((a, b) => b.size - a.size)) {
    const least = loads.indexOf(Math.min(...loads));
    sets[least]?.add(variable);
    loads[least] = (loads[least] as number) + variable.size;
  }
  return sets;
}
