import { expect, it } from 'vitest';
import { readNumber } from '../src/qualification/number';

it.each([
  ['62,5', 62.5],
  ['62.5', 62.5],
  [' 150 000 ', 150_000],
  ['150,000', 150_000],
  ['1.500.000', 1_500_000],
  ['40', 40],
])('reads %j as %d', (text, number) => expect(readNumber(text)).toBe(number));

it.each(['', '0', '-5', 'abc', '1e9', '12 m²', '1,2,3', '99999999999'])('takes %j for no number', (text) =>
  expect(readNumber(text)).toBeNull(),
);
