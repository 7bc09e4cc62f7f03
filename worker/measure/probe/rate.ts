import type { TrainOneWay } from './line.ts';
import { type ServiceRate, trainBytes } from './train.ts';

const firstUnknownBytes = 256 * 1024;
const mostUnknownBytes = 16 * 1024 * 1024;
const enoughMs = 10;

const mostTrains = 5;
const cleanSupport = 0.6;
const agreement = 0.01;

/**
 * The rate of one direction in bits/s, from as few trains as will do. A clean train that confirms `requested` is enough;
 * anything else may be the link or a receiver that was kept from its processor, so trains go on until two clean ones
 * agree with each other, whatever they say; of five that do not, the median counts. `requested` null: unknown, trains
 * grow until one lasts 10 ms.
 */
export async function findRate(train: TrainOneWay, requested: number | null): Promise<number> {
  let bytes = requested === null ? firstUnknownBytes : trainBytes(requested);
  let first = await train(bytes);
  while (requested === null && first.tookMs < enoughMs && bytes < mostUnknownBytes) {
    bytes *= 4;
    first = await train(bytes);
  }
  if (requested !== null && isClean(first) && agree(first.bitsPerSecond, requested)) return first.bitsPerSecond;
  const trains: ServiceRate[] = [first];
  while (trains.length < mostTrains) {
    const next = await train(bytes);
    const twin = trains.filter(isClean).find((other) => agree(other.bitsPerSecond, next.bitsPerSecond));
    if (twin !== undefined && isClean(next)) return (twin.bitsPerSecond + next.bitsPerSecond) / 2;
    trains.push(next);
  }
  const rates = trains.map((one) => one.bitsPerSecond).sort((a, b) => a - b);
  return rates[Math.floor(rates.length / 2)] ?? first.bitsPerSecond;
}

function isClean({ support }: ServiceRate): boolean {
  return support >= cleanSupport;
}

function agree(a: number, b: number): boolean {
  return Math.abs(a / b - 1) <= agreement;
}
