/** Intersection over union of two boxes (y1, x1, y2, x2; corners in any order), 0 where one is empty. */
export function boxOverlap(boxes: ArrayLike<number>, i: number, j: number): number {
  const side = (box: number, axis: number): [number, number] => {
    const [a, b] = [Number(boxes[box * 4 + axis]), Number(boxes[box * 4 + axis + 2])];
    return [Math.min(a, b), Math.max(a, b)];
  };
  const area = (box: number): number =>
    side(box, 0).reduce((a, b) => b - a) * side(box, 1).reduce((a, b) => b - a);
  const [areaI, areaJ] = [area(i), area(j)];
  if (areaI <= 0 || areaJ <= 0) return 0;
  const shared = (axis: number): number => {
    const [[fromI, toI], [fromJ, toJ]] = [side(i, axis), side(j, axis)];
    return Math.max(Math.min(toI, toJ) - Math.max(fromI, fromJ), 0);
  };
  const both = shared(0) * shared(1);
  return both / (areaI + areaJ - both);
}
