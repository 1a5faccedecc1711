import { GraphError, nearest } from '@tenon/core';

/** A regular expression that a whole path must match, or one that is looked for in it; and what holds for the paths that fit. */
export type Rule<T> = readonly [pattern: string | RegExp, value: T];

interface PatternRule<T> {
  /** As it was given. */
  readonly text: string;
  readonly pattern: RegExp;
  readonly value: T;
}

/** Rules of which the first that fits a path counts. */
export class Rules<T> {
  private readonly rules: readonly PatternRule<T>[];
  private readonly what: string;

  /** `what` names the paths: layer, weight. Errors: ATTRIBUTE_INVALID for what is no regular expression. */
  constructor(rules: readonly Rule<T>[], what: string) {
    this.what = what;
    this.rules = rules.map(([given, value]) => ({
      text: String(given),
      pattern: patternOf(given),
      value,
    }));
  }

  /** What holds for each path. Errors: NAME_UNKNOWN for a rule that fits none. */
  over(paths: readonly string[]): ReadonlyMap<string, T> {
    const useless = this.rules.find(({ pattern }) => !paths.some((path) => pattern.test(path)));
    if (useless) throw this.fitsNothing(useless.text, paths);
    return new Map(
      paths.flatMap((path) => {
        const rule = this.rules.find(({ pattern }) => pattern.test(path));
        return rule ? [[path, rule.value] as const] : [];
      }),
    );
  }

  private fitsNothing(text: string, paths: readonly string[]): GraphError {
    const near = nearest(text, paths);
    return new GraphError('NAME_UNKNOWN', 'modelParallel', {
      what: `no ${this.what} fits ${text}${near ? `; did you mean ${near}?` : '.'}`,
      fix: `${this.what}s: ${paths.join(', ')}.`,
    });
  }
}

function patternOf(pattern: string | RegExp): RegExp {
  // Flags that remember where the last search ended would make every other test fail.
  if (pattern instanceof RegExp)
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw new GraphError('ATTRIBUTE_INVALID', 'modelParallel', {
      what: `"${pattern}" is not a regular expression.`,
      fix: "write a path, or a pattern such as 'dense.*/kernel'.",
      cause,
    });
  }
}
