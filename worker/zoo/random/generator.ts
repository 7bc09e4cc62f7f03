/** A stream of weights that is the same on every machine; one stream runs through a whole model. */
export interface WeightGenerator {
  /** Fills `target` with values spread evenly over [-bound, bound). */
  fill(target: Float32Array, bound: number): void;
}

/** What the generator is called where weights are described. */
export const generatorName = 'SplitMix32, uniform';

const unit = 2 ** -31;

/**
 * SplitMix32: a Weyl sequence through a mixing function of two rounds (https://github.com/skeeto/hash-prospector).
 * Integer operations, one product and one rounding to float32, all defined to the last bit by IEEE 754, so that no
 * machine's mathematical library can change a weight.
 */
export function weightGenerator(seed: number): WeightGenerator {
  let state = seed | 0;
  return {
    fill(target, bound) {
      // Copies in locals: the loop runs 138 million times for VGG16.
      const scale = bound * unit;
      let weyl = state;
      for (let index = 0; index < target.length; index++) {
        weyl = (weyl + 0x9e3779b9) | 0;
        let mixed = Math.imul(weyl ^ (weyl >>> 16), 0x21f0aaad);
        mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
        target[index] = (mixed ^ (mixed >>> 15)) * scale;
      }
      state = weyl;
    },
  };
}
