import { boxOverlap } from './box-overlap.js';

interface BoxLimits {
  readonly maxOutputSize: number;
  /** Boxes that overlap a chosen one by at least this much are left out. */
  readonly iouThreshold: number;
  /** Boxes that score no more are left out. */
  readonly scoreThreshold: number;
  /** Above 0, overlap lowers the score of a box by a Gaussian of this width. */
  readonly softNmsSigma: number;
}

interface Candidate {
  readonly box: number;
  score: number;
  /** How many of the chosen boxes have had their effect on the score. */
  compared: number;
}

// The best comes first; of equals, the one that stands first.
const before = (a: Candidate, b: Candidate): boolean =>
  a.score > b.score || (a.score === b.score && a.box < b.box);

function insert(queue: Candidate[], candidate: Candidate): void {
  const place = queue.findIndex((other) => before(candidate, other));
  queue.splice(place < 0 ? queue.length : place, 0, candidate);
}

/** Lowers the score of a candidate for every chosen box that it has not met yet; false where it must go. */
function survives(
  candidate: Candidate,
  chosen: readonly Candidate[],
  { boxes, limits }: Setting,
): boolean {
  const { iouThreshold, scoreThreshold, softNmsSigma } = limits;
  for (let i = chosen.length - 1; i >= candidate.compared; i--) {
    const overlap = boxOverlap(boxes, candidate.box, (chosen[i] as Candidate).box);
    if (overlap >= iouThreshold) return false;
    if (softNmsSigma > 0) candidate.score *= Math.exp((-0.5 / softNmsSigma) * overlap * overlap);
    if (candidate.score <= scoreThreshold) return false;
  }
  candidate.compared = chosen.length;
  return true;
}

interface Setting {
  readonly boxes: ArrayLike<number>;
  readonly limits: BoxLimits;
}

/**
 * Greedy choice of boxes by score that do not overlap much (non-maximum suppression), best first.
 * Source: Bodla and others 2017, "Soft-NMS".
 */
export function selectBoxes(
  scores: ArrayLike<number>,
  setting: Setting,
): { box: number; score: number }[] {
  const { maxOutputSize, scoreThreshold } = setting.limits;
  const queue: Candidate[] = Array.from(scores, (score, box) => ({
    box,
    score: Number(score),
    compared: 0,
  }))
    .filter(({ score }) => score > scoreThreshold)
    .sort((a, b) => (before(a, b) ? -1 : 1));
  const chosen: Candidate[] = [];
  while (chosen.length < maxOutputSize && queue.length > 0) {
    const candidate = queue.shift() as Candidate;
    const { score } = candidate;
    if (!survives(candidate, chosen, setting)) continue;
    if (candidate.score === score) chosen.push(candidate);
    else insert(queue, candidate);
  }
  return chosen;
}
