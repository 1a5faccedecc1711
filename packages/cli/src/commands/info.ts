import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { allOps, defaultSession } from 'tenon';

const packages = ['@tenon/core', '@tenon/data', '@tenon/layers', 'tenon'] as const;

/** Prints versions, threads, devices and the number of ops. */
export function info(version: string): void {
  const { platform, arch, version: node } = process;
  const devices = defaultSession().devices.map(
    ({ name, limits }) =>
      `${name} (at most ${Number((limits.bytes / 2 ** 30).toPrecision(3))} GiB)`,
  );
  const rows: readonly (readonly [string, string])[] = [
    ['@tenon/cli', version],
    ...packages.map((name) => [name, versionOf(name)] as const),
    ['node', `${node} on ${platform} ${arch}`],
    ['threads', `${availableParallelism()} available; the wasm device uses all, the js device one`],
    ['devices', devices.join(', ')],
    ['ops', String(allOps.length)],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(16)}${value}`);
}

// Every package has its entry one folder below its manifest, in src as in dist.
function versionOf(name: string): string {
  const manifest = new URL('../package.json', import.meta.resolve(name));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
