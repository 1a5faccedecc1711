import { GraphError, type Optimizer, type Variable } from '@tenon/core';
import type { ReplicaGraph } from '@tenon/layers';
import { shardGraph } from './shard-graph.js';

/** What one parameter shard holds. */
export interface ShardPlan {
  /** Names of its parameters in the order in which gradients come. */
  readonly parameters: readonly string[];
  /** All of its state by name, parameters first. */
  readonly state: ReadonlyMap<string, Variable>;
  readonly graph: Uint8Array;
}

/** Which variables of a model are where while it is trained. */
export interface ParameterPlan {
  /** What training changes, by name. */
  readonly parameters: ReadonlyMap<string, Variable>;
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

const bytesOf = ({ size }: Variable): number => size;

/** Spreads the parameters of a model over shards by size, the largest first. Errors: ATTRIBUTE_INVALID. */
export function planParameters({ graph, weights, optimizer, shards }: PlanOptions): ParameterPlan {
  const trained = [...graph.variables];
  const all = [...trained, ...graph.kept.keys()];
  const names = new Map(all.map((variable, i) => [variable, `p${i}`]));
  // Slots are numbered in this order.
  optimizer.build(trained);
  if (shards > 1 && optimizer.config.globalClipNorm !== undefined) {
    throw new GraphError('ATTRIBUTE_INVALID', 'dataParallel', {
      what: 'globalClipNorm needs all gradients in one place, and there are several parameter servers.',
      fix: 'use clipNorm or clipValue, or one parameter server.',
    });
  }
  const plans = spread(all, Math.min(shards, all.length)).map((own): ShardPlan => {
    const named = (wanted: (variable: Variable) => boolean) =>
      new Map(
        all
          .filter((variable) => own.has(variable) && wanted(variable))
          .map((variable) => [names.get(variable) as string, variable]),
      );
    const mine = named((variable) => trained.includes(variable));
    const kept = named((variable) => !trained.includes(variable));
    const slots = new Map(
      optimizer
        .variables()
        .filter(({ name }) => !name.includes('/') || mine.has(`p${name.split('/').at(-1)}`))
        .map(({ name, variable }) => [name, variable]),
    );
    return {
      parameters: [...mine.keys(), ...kept.keys()],
      state: new Map([...mine, ...kept, ...(mine.size > 0 ? slots : [])]),
      graph: shardGraph({
        optimizer,
        trained: mine,
        kept,
        slots: mine.size > 0 ? slots : new Map(),
      }),
    };
  });
  const fixed = weights.filter((variable) => !names.has(variable));
  return {
    parameters: new Map([...names].map(([variable, name]) => [name, variable])),
    fixed: new Map(fixed.map((variable, i) => [`f${i}`, variable])),
    shards: plans,
  };
}

/** Largest first, each to the shard that has the least. */
function spread(variables: readonly Variable[], shards: number): ReadonlySet<Variable>[] {
  const sets = Array.from({ length: shards }, () => new Set<Variable>());
  const loads = new Array<number>(shards).fill(0);
  for (const variable of [...variables].sort((a, b) => bytesOf(b) - bytesOf(a))) {
    const least = loads.indexOf(Math.min(...loads));
    sets[least]?.add(variable);
    loads[least] = (loads[least] as number) + bytesOf(variable);
  }
  return sets;
}
