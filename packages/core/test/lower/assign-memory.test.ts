import { exp, HostTensor, js, matMul, neg, placeholder, Session, transpose } from '@tenon/core';
import { expect } from 'chai';

const bytes = 4 * 64 * 64;

describe('memory of a result', () => {
  const x = placeholder({ shape: [64, 64] });
  const feeds = [[x, new HostTensor(new Float32Array(64 * 64).fill(0.01), [64, 64])]] as const;
  const session = new Session({ devices: [js()] });
  const arena = (...fetches: Parameters<typeof session.explain>) =>
    session.explain(...fetches).arenaBytes;

  it('is that of an operand that ends in a kernel of independent elements', () => {
    expect(arena([exp(neg(matMul(x, x)))], { feeds })).to.equal(bytes);
  });

  it('is its own where elements are read in another order than they are written', () => {
    expect(arena([transpose(neg(matMul(x, x)))], { feeds })).to.equal(2 * bytes);
  });

  it('is its own where the operand is needed later', () => {
    const y = matMul(x, x);
    expect(arena([exp(y), y], { feeds })).to.equal(2 * bytes);
  });
});
