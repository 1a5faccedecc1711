import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Device, js } from '@tenon/core';
import { holdings } from './holdings.js';

/** A js device in a process that writes down what it holds when it gets SIGUSR2, as `<pid>.json` in TENON_TEST_FOLDER. */
export function devices(): Device[] {
  process.on('SIGUSR2', () => void tell());
  return [js()];
}

async function tell(): Promise<void> {
  const file = join(process.env.TENON_TEST_FOLDER as string, `${process.pid}.json`);
  await writeFile(`${file}.part`, JSON.stringify(await holdings()));
  await rename(`${file}.part`, file);
}
