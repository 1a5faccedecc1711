import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';

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
    .option('--batch-size <n>', 'examples in the prediction of a model', count, 1)
    .option('--placement', 'where a cost model would place it, on the devices of --devices')
    .addOption(
      forPlacement('--devices <names>', 'such as wasm:0,js:0')
        .argParser(names)
        .default(['wasm:0', 'js:0'], 'wasm:0,js:0'),
    )
    .addOption(forPlacement('--profile <file>', 'measured times, taken before estimates'))
    .addOption(forPlacement('--measure <file>', 'measure here, and keep the times for --profile'))
    .addHelpText('after', explainHelp)
    .action(async (target, options) =>
      (await import('./commands/explain.js')).explain(target, options),
    );

  addClusterCommands(program);
  return program;
}

function addClusterCommands(program: Command): void {
  program
    .command('master')
    .description('take graphs of clients and let the workers of a cluster run them')
    .option('--cluster <spec>', clusterSpec)
    .option('--listen <host:port>', 'where to listen, instead of the address of the chief')
    .option('--state <directory>', 'keeps what it needs to go on with its sessions after a restart')
    .addHelpText('after', clusterHelp)
    .action(async (options) => (await import('./commands/master.js')).master(options));

  program
    .command('worker')
    .description('run parts of graphs as one task of a cluster')
    .option('--cluster <spec>', clusterSpec)
    .option('--job <name>', 'job of the task: worker, ps, ...')
    .option('--task <n>', 'number of the task in its job', number)
    .option('--listen <host:port>', 'where to listen, instead of the address of the task')
    .option('--data-port <n>', 'where other workers fetch tensors; any that is free', number)
    .option('--heartbeat-port <n>', 'where a thread tells that it lives; any that is free', number)
    .addOption(
      new Option('--threads <n>', 'threads that compute; all when left out')
        .env('TENON_THREADS')
        .argParser(count),
    )
    .addOption(
      new Option('--join <host:port>', 'join the cluster of this master, which numbers the task')
        .env('TENON_JOIN')
        .conflicts(['cluster', 'task']),
    )
    .option('--host <name>', 'with --join: where others reach it, if not as the master is reached')
    .addHelpText('after', clusterHelp)
    .action(async ({ join, ...options }) => {
      if (join === undefined) await (await import('./commands/worker.js')).worker(options);
      else await (await import('./commands/join.js')).join(join, options);
    });

  program
    .command('cluster')
    .description('run a script beside a cluster of processes on this machine')
    .option('--workers <n>', 'tasks of job worker', count, 1)
    .option('--ps <n>', 'tasks of job ps: parameter servers', number, 0)
    .option('--restarts <n>', 'how often to run the script again when a signal ends it', number, 0)
    .argument(
      '<script...>',
      'after --: the script and its arguments; its ClusterSession finds the master',
    )
    .action(async (script, options) =>
      (await import('./commands/cluster.js')).cluster(script, options),
    );
}

const clusterSpec =
  'JSON, or the path of a file: { "chief": ["127.0.0.1:2222"], "worker": [...], "ps": [...] }';

const clusterHelp = `
What is left out comes from the environment: TENON_CLUSTER, TENON_JOB and TENON_TASK, TF_CONFIG, or what JobSet, Indexed Job, mpirun or
srun tell their processes. Addresses that other machines reach need TENON_TOKEN or TENON_TLS.`;

const explainHelp = `
A module exports what is to be fetched as \`default\` or \`fetches\`: a tensor, nested tensors or a model;
and, where that depends on placeholders, \`feeds\`: a list of [placeholder, value].
With --placement, --devices may name tasks of a cluster that is not there:
/job:worker/task:0/device:wasm:0,/job:worker/task:1/device:wasm:0
A module in TypeScript needs a loader: node --import tsx node_modules/.bin/tenon explain graph.ts`;

const forPlacement = (flags: string, description: string): Option =>
  new Option(flags, `${description}; implies --placement`).implies({ placement: true });

const names = (text: string): string[] => text.split(',').filter((name) => name !== '');

function number(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
