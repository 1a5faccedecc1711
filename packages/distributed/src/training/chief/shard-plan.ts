import { type Optimizer, type Variable, variable as variableOf, zeros } from '@tenon/core';
import type { ReplicaGraph } from '@tenon/layers';
import type { HeldRows } from '../messages.js';
import { type RowRange, rowCount } from '../rows.js';
import { sameRule, slotsOf } from '../same-rule.js';
import { tableGraph } from '../table/table-graph.js';
import type { Holding } from './parameter-plan.js';
import { shardGraph } from './shard-graph.js';

/** Rows of a variable of the model's session. */
export interface StateRows extends RowRange {
  readonly variable: Variable;
}

/** A parameter of which only rows are pulled and updated, or the rows of it that one shard holds. */
export interface TablePlan extends HeldRows {
  readonly width: number;
  /** The parameter and the slots of its optimizer. */
  readonly parts: readonly Variable[];
  readonly graph: Uint8Array;
}

/** What one parameter shard holds. */
export interface ShardPlan {
  /** Its parameters in the order in which gradients come. */
  readonly parameters: readonly HeldRows[];
  /** All of its state by the names in its graph, parameters first. */
  readonly state: ReadonlyMap<string, StateRows>;
  readonly graph: Uint8Array;
  readonly tables: readonly TablePlan[];
}

export interface ShardPlanOptions {
  readonly graph: ReplicaGraph;
  /** Has slots for all that the graph trains. */
  readonly optimizer: Optimizer;
  /** What the shard holds. */
  readonly holdings: readonly Holding[];
}

/** The plan of one parameter shard. */
export function planShard({ graph, optimizer, holdings }: ShardPlanOptions): ShardPlan {
  const { trained, variables, kept } = graph;
  const trains = holdings.filter(({ variable }) => variables.includes(variable));
  const keeps = holdings.filter(({ variable }) => kept.has(variable));
  const looksUp = holdings.filter((own) => !trains.includes(own) && !keeps.includes(own));
  const own = sameRule(optimizer);
  const local = new Map(trains.map((holding) => [holding.name, partOf(holding)]));
  own.build([...local.values()]);
  const counted = trains.length + looksUp.length > 0 ? own.variables() : [];
  const slots = trains.flatMap(({ variable, begin, end }, i) =>
    slotsOf(optimizer, trained.indexOf(variable)).map(
      ({ slot, variable: of }) => [`${slot}/${i}`, { variable: of, begin, end }] as const,
    ),
  );
  const shared = optimizer
    .variables()
    .filter(({ name }) => counted.length > 0 && !name.includes('/'))
    .map(({ name, variable }) => [name, wholeOf(variable)] as const);
  const parameters = [...trains, ...keeps];
  return {
    parameters: parameters.map(rowsOf),
    state: new Map([
      ...parameters.map((holding) => [holding.name, holding] as const),
      ...shared,
      ...slots,
    ]),
    graph: shardGraph({
      optimizer: own,
      trained: local,
      kept: new Map(keeps.map((holding) => [holding.name, partOf(holding)])),
      slots: new Map(counted.map(({ name, variable }) => [name, variable])),
    }),
    tables: looksUp.map((holding) => {
      const { variable } = holding;
      const width = variable.shape.slice(1).reduce((size, n) => size * n, 1);
      const parts = slotsOf(optimizer, trained.indexOf(variable));
      return {
        ...rowsOf(holding),
        width,
        parts: [variable, ...parts.map((part) => part.variable)],
        graph: tableGraph(optimizer, width),
      };
    }),
  };
}

const rowsOf = ({ name, begin, end }: Holding): HeldRows => ({ name, begin, end });

const wholeOf = (variable: Variable): StateRows => ({
  variable,
  begin: 0,
  end: rowCount(variable.shape),
});

/** A variable of the rows that a shard holds. */
function partOf({ variable, begin, end }: Holding): Variable {
  if (begin === 0 && end === rowCount(variable.shape)) return variable;
  const { dtype, name } = variable;
  const shape = [end - begin, ...variable.shape.slice(1)];
  return variableOf(zeros({ shape, dtype }), { name, trainable: false });
}
