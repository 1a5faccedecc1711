import { createRequire } from 'node:module';

/** What one spec came to. */
export interface SpecResult {
  readonly spec: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** First line of each failed expectation. */
  readonly messages: readonly string[];
}

interface JasmineResult {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string; readonly stack: string }[];
}

interface JasmineEnv {
  configure(options: {
    random: boolean;
    specFilter(spec: { getFullName(): string }): boolean;
  }): void;
  addReporter(reporter: {
    specDone(result: JasmineResult): void;
    suiteDone(result: JasmineResult): void;
  }): void;
  execute(): Promise<unknown>;
}

interface JasmineRequire {
  core(self: JasmineRequire): { getEnv(): JasmineEnv };
  interface(jasmine: { getEnv(): JasmineEnv }, env: JasmineEnv): object;
}

const jasmineRequire = createRequire(import.meta.url)(
  'jasmine-core/lib/jasmine-core/jasmine.js',
) as JasmineRequire;
const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv();
Object.assign(globalThis, jasmineRequire.interface(jasmine, env));

/** Environment variable that makes messages carry their stack. */
const withStack = process.env.TFJS_SPECS_STACK === '1';

/** The environment's name and flags stand between the suite's name and the spec's. */
const withoutEnvironment = (name: string): string => name.replace(/ [a-z]+ \{\}/g, '');

const skipped = new Set(['excluded', 'pending', 'disabled']);

function resultOf({ fullName, status, failedExpectations }: JasmineResult): SpecResult {
  return {
    spec: withoutEnvironment(fullName),
    status: skipped.has(status) ? 'skipped' : status === 'passed' ? 'passed' : 'failed',
    messages: failedExpectations.map(({ message, stack }) =>
      withStack ? `${message}\n${stack}` : message.slice(0, 400),
    ),
  };
}

/** Runs the specs whose full name matches; a name that occurs again gets ` #2`, ` #3`, ... */
export async function runSpecs(only: RegExp): Promise<SpecResult[]> {
  const results: SpecResult[] = [];
  const seen = new Map<string, number>();
  Error.stackTraceLimit = withStack ? 30 : 5;
  env.configure({
    random: false,
    specFilter: (spec) => only.test(withoutEnvironment(spec.getFullName())),
  });
  env.addReporter({
    specDone(result) {
      if (result.status === 'excluded') return;
      const { spec, ...rest } = resultOf(result);
      const count = (seen.get(spec) ?? 0) + 1;
      seen.set(spec, count);
      results.push({ spec: count === 1 ? spec : `${spec} #${count}`, ...rest });
    },
    suiteDone(result) {
      if (result.failedExpectations.length > 0)
        results.push({ ...resultOf(result), status: 'failed' });
    },
  });
  await env.execute();
  return results;
}
