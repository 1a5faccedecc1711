import type { Tensor } from '../../graph/tensor.js';
import { bytesOf, isCostly } from './costly.js';
import { bodyOrder, endsOf, type LoopForm } from './loop-form.js';

/**
 * Which of the values that a loop could read from another it reads: what is costly to compute again, and what is smaller
 * than that of which it is made. Cheap work on what is read anyway is done again. `free` values are stacked already.
 */
export function residuals(
  form: LoopForm,
  known: ReadonlySet<Tensor>,
  free: ReadonlySet<Tensor>,
): Set<Tensor> {
  const read = new Set<Tensor>();
  const cheap: Tensor[] = [];
  for (const tensor of wanted(form, known)) {
    if (free.has(tensor) || isCostly(tensor.node)) read.add(tensor);
    else cheap.push(tensor);
  }
  for (const tensor of cheap) {
    const needs = neededFor(tensor, { known, free, read });
    const price = [...needs].reduce((sum, one) => sum + (free.has(one) ? 0 : bytesOf(one)), 0);
    if (price > 0 && bytesOf(tensor) <= price) read.add(tensor);
    else for (const one of needs) read.add(one);
  }
  return read;
}

/** What the loop's own work takes of the known values. */
function wanted(form: LoopForm, known: ReadonlySet<Tensor>): Set<Tensor> {
  const ends = endsOf(form);
  const found = new Set(ends.filter((end) => known.has(end)));
  for (const node of bodyOrder(ends)) {
    if (node.outputs.every((output) => known.has(output))) continue;
    for (const input of node.inputs) if (known.has(input)) found.add(input);
  }
  return found;
}

/** The costly values that computing a cheap one again would still have to read. */
function neededFor(
  tensor: Tensor,
  { known, free, read }: Record<'known' | 'free' | 'read', ReadonlySet<Tensor>>,
): Set<Tensor> {
  const needs = new Set<Tensor>();
  const seen = new Set<Tensor>([tensor]);
  const pending = [...tensor.node.inputs];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next) || read.has(next) || !known.has(next)) continue;
    seen.add(next);
    if (free.has(next) || isCostly(next.node)) needs.add(next);
    else pending.push(...next.node.inputs);
  }
  return needs;
}
