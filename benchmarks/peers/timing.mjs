/** Minimum and median milliseconds of an asynchronous step, in groups long enough for the clock; of slow ones, at least two. */
export async function timed(run, seconds) {
  const warm = 1000 * Math.min(0.5, seconds / 2);
  let count = 0;
  await run();
  for (let begin = performance.now(); performance.now() - begin < warm; count++) await run();
  const group = Math.max(1, count >> 1);
  const times = [];
  for (
    let begin = performance.now(), spent = 0;
    times.length < 2 || (times.length < 5 && spent < 4000 * seconds) || spent < 1000 * seconds;
    spent = performance.now() - begin
  ) {
    const start = performance.now();
    for (let i = 0; i < group; i++) await run();
    times.push((performance.now() - start) / group);
  }
  times.sort((a, b) => a - b);
  return { least: times[0], median: times[times.length >> 1] };
}

export const rounded = (value) => Number(value.toPrecision(4));

export const peakMegabytes = () => Math.round(process.resourceUsage().maxRSS / 1024);
