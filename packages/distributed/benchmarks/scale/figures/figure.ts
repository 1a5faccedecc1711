/** A chart and the numbers in it. */
export interface Figure {
  readonly svg: string;
  /** Markdown. */
  readonly table: string;
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
