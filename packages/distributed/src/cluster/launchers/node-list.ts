import { clusterError } from '../cluster-error.js';

const mostHosts = 65_536;

const fix =
  'write it as Slurm does, node[01-03,7],login; "scontrol show hostnames" prints what a list means.';

/**
 * The hosts of a Slurm node list, in its order: `a[08-10,12]-x[1,3]` is the product of its brackets, the last one fastest;
 * numbers are padded to the width of the range's first. Errors: CLUSTER_INVALID, from `source`.
 */
export function expandNodeList(text: string, source: string): string[] {
  const hosts: string[] = [];
  for (const item of splitItems(text.trim(), source)) {
    for (const host of expandItem(item, source)) hosts.push(host);
    checkTotal(hosts.length, source);
  }
  return hosts;
}

/** Cuts at the commas outside of brackets. */
function splitItems(text: string, source: string): string[] {
  const items = [''];
  let inside = false;
  for (const letter of text) {
    if (letter === (inside ? '[' : ']')) {
      throw clusterError(source, `"${text}": "${letter}" has no partner.`, { fix });
    }
    if (letter === '[' || letter === ']') inside = letter === '[';
    if (letter === ',' && !inside) items.push('');
    else items[items.length - 1] += letter;
  }
  if (inside) throw clusterError(source, `"${text}": a bracket is not closed.`, { fix });
  return items.map((item) => item.trim());
}

function expandItem(item: string, source: string): string[] {
  // Literal text and the contents of brackets take turns: the odd pieces were inside.
  const pieces = item.split(/[[\]]/);
  if (pieces.some((piece, place) => place % 2 === 0 && !/^[\w.-]*$/.test(piece)) || item === '') {
    throw clusterError(source, `"${item}" is not the name of a host.`, { fix });
  }
  let names = [''];
  for (const [place, piece] of pieces.entries()) {
    const endings = place % 2 === 0 ? [piece] : expandRanges(piece, source);
    checkTotal(names.length * endings.length, source);
    names = names.flatMap((name) => endings.map((ending) => name + ending));
  }
  return names;
}

/** `1-3,08` to `1 2 3 08`. */
function expandRanges(text: string, source: string): string[] {
  return text.split(',').flatMap((range) => {
    const [, low, high = low] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range.trim()) ?? [];
    const [first, last] = [Number(low), Number(high)];
    if (low === undefined || last < first) {
      throw clusterError(source, `"${range}" in [${text}] is not an ascending range.`, { fix });
    }
    checkTotal(last - first + 1, source);
    return Array.from({ length: last - first + 1 }, (_, step) =>
      String(first + step).padStart(low.length, '0'),
    );
  });
}

function checkTotal(count: number, source: string): void {
  if (count <= mostHosts) return;
  throw clusterError(source, `the list names ${count} hosts or more; the most is ${mostHosts}.`);
}
