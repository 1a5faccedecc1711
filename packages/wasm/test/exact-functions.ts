/** Mathematical functions of doubles as binary fractions of `bits` bits, for tests of double precision. */
const bits = 448n;
const unit = 1n << bits;

const product = (a: bigint, b: bigint): bigint => (a * b) >> bits;
const quotient = (a: bigint, b: bigint): bigint => (a << bits) / b;
const size = (a: bigint): bigint => (a < 0n ? -a : a);

/** x = mantissa 2^exponent. */
function parts(x: number): { mantissa: bigint; exponent: number } {
  let [mantissa, exponent] = [x, 0];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return { mantissa: BigInt(mantissa), exponent };
}

const shifted = (a: bigint, by: number): bigint => (by < 0 ? a >> BigInt(-by) : a << BigInt(by));

export function fractionOf(x: number): bigint {
  const { mantissa, exponent } = parts(x);
  return shifted(mantissa, exponent + Number(bits));
}

/** Sum of terms until they vanish; `next` makes term n of the one before. */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let [term, total] = [first, first];
  for (let n = 1n; size(term) > 1n; n++) {
    term = next(term, n);
    total += term;
  }
  return total;
}

/** atan(1 / n) 2^digits. */
function inverseTangent(n: bigint, digits: bigint): bigint {
  let power = (1n << digits) / n;
  let total = power;
  for (let i = 3n; power !== 0n; i += 2n) {
    power = -power / (n * n);
    total += power / i;
  }
  return total;
}

/** pi / 4 = 4 atan(1/5) - atan(1/239), with so many bits more that large angles can be reduced. */
const more = 1100n;
const halfPiLong = 8n * inverseTangent(5n, bits + more) - 2n * inverseTangent(239n, bits + more);

/** 2 atanh(s) */
const twiceAtanh = (s: bigint): bigint => {
  const square = product(s, s);
  let power = s;
  let total = s;
  for (let i = 3n; size(power) > 1n; i += 2n) {
    power = product(power, square);
    total += power / i;
  }
  return 2n * total;
};
const ln2 = twiceAtanh(unit / 3n);

export function exactExp(x: bigint): bigint {
  const n = x / ln2;
  const value = series(unit, (term, i) => product(term, x - n * ln2) / i);
  return n < 0n ? value >> -n : value << n;
}

export function exactLog(x: bigint): bigint {
  const e = x.toString(2).length - Number(bits) - 1;
  const m = shifted(x, -e);
  return BigInt(e) * ln2 + twiceAtanh(quotient(m - unit, m + unit));
}

/** sin(x + quarters pi / 2) */
export function exactSin(x: number, quarters = 0n): bigint {
  const { mantissa, exponent } = parts(x);
  const long = shifted(mantissa, exponent + Number(bits + more));
  const n = (2n * long + halfPiLong) / (2n * halfPiLong) - (long < 0n ? 1n : 0n);
  const r = (long - n * halfPiLong) >> more;
  const square = product(r, r);
  const turn = (((n + quarters) % 4n) + 4n) % 4n;
  const value = series(turn % 2n === 0n ? r : unit, (term, i) => {
    const first = turn % 2n === 0n ? 2n * i : 2n * i - 1n;
    return -product(term, square) / (first * (first + 1n));
  });
  return turn < 2n ? value : -value;
}

const root = (x: bigint): bigint => {
  const scaled = x << bits;
  let guess = 1n << BigInt(Math.ceil(scaled.toString(2).length / 2));
  for (;;) {
    const next = (guess + scaled / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
};

export function exactAtan(x: bigint): bigint {
  let reduced = x;
  for (let i = 0; i < 4; i++) {
    reduced = quotient(reduced, unit + root(unit + product(reduced, reduced)));
  }
  const square = product(reduced, reduced);
  let [power, total] = [reduced, reduced];
  for (let i = 3n; size(power) > 1n; i += 2n) {
    power = -product(power, square);
    total += power / i;
  }
  return 16n * total;
}

/** 2 / sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)) */
export function exactErf(x: bigint): bigint {
  const square = product(x, x);
  const total = series(x, (term, n) => (2n * product(term, square)) / (2n * n + 1n));
  const scale = quotient(2n * unit, root(2n * (halfPiLong >> more)));
  return product(product(scale, exactExp(-square)), total);
}

export const exactTanh = (x: bigint): bigint => {
  const e = exactExp(2n * x);
  return quotient(e - unit, e + unit);
};

export const exactSigmoid = (x: bigint): bigint => {
  const e = exactExp(x);
  return quotient(e, unit + e);
};

export const exactPow = (x: bigint, y: bigint): bigint => exactExp(product(y, exactLog(x)));

/** How far a double is from the exact value, in units of the last place of the nearest double. */
export function doubleUlps(x: number, exact: bigint): number {
  const exponent = Math.max(size(exact).toString(2).length - Number(bits) - 53, -1074);
  const error = size(fractionOf(x) - exact);
  return Number(shifted(error, 40 - exponent - Number(bits))) / 2 ** 40;
}
