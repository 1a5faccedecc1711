import { GraphError } from '@tenon/core';

/** Refuses groups that do not divide the channels and the filters. Errors: SHAPE_MISMATCH. */
export function checkGroups(
  where: string,
  { channels, filters, groups }: { channels: number; filters: number; groups: number },
): void {
  if (channels % groups === 0 && filters % groups === 0) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `${groups} groups do not divide ${channels} input channels and ${filters} filters.`,
    fix: 'choose groups that divide both numbers.',
  });
}
