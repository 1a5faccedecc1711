import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** The command line. What a command needs is loaded when it runs, so that help answers at once. */
export function createProgram(): Command {
  const program = new Command('tenon')
    .description('Trains networks and explains graphs.')
    .version(version)
    .option('--stack', 'show where an error came from (or set TENON_STACK=1)')
    .exitOverride();

  program
    .command('info')
    .description('devices, versions and threads')
    .action(async () => (await import('./commands/info.js')).info(version));

  program
    .command('train')
    .description('train a network on a data set')
    .command('digits')
    .description('a multilayer perceptron on the MNIST handwritten digits')
    .option('--epochs <n>', 'passes over the data', count, 3)
    .option('--batch-size <n>', 'examples in a step', count, 128)
    .option('--limit <n>', 'most examples to use; all when left out', count)
    .option('--save <directory>', 'where the trained model is kept')
    .action(async (options) => (await import('./commands/train-digits.js')).trainDigits(options));

  program
    .command('explain')
    .description('how a saved model, or the graph that a script exports, is run')
    .argument('<target>', 'directory of a saved model, or a JavaScript module')
    .addHelpText('after', explainHelp)
    .action(async (target) => (await import('./commands/explain.js')).explain(target));

  return program;
}

const explainHelp = `
A module exports what is to be fetched as \`default\` or \`fetches\`: a tensor, nested tensors or a model;
and, where that depends on placeholders, \`feeds\`: a list of [placeholder, value].
A module in TypeScript needs a loader: node --import tsx node_modules/.bin/tenon explain graph.ts`;

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
