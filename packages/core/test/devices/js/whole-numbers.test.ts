import { constant, pow, prod, Session } from '@tenon/core';
import { expect } from 'chai';

describe('products of many whole numbers', () => {
  it('keep their low bits in every integer dtype', () => {
    const session = new Session();
    const dtypes = ['int8', 'uint8', 'int32', 'int64'] as const;
    const found = dtypes.map((dtype) => {
      const sevens = constant(new Array(25).fill(7), { dtype });
      const exponent = constant(25, { dtype });
      return session
        .runSync([prod(sevens), pow(constant(7, { dtype }), exponent)])
        .map(({ data }) => BigInt(data[0] as number));
    });
    const exact = 7n ** 25n;
    const wrapped = [
      BigInt.asIntN(8, exact),
      BigInt.asUintN(8, exact),
      BigInt.asIntN(32, exact),
      BigInt.asIntN(64, exact),
    ];
    expect(found).to.deep.equal(wrapped.map((value) => [value, value]));
  });
});
