import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an open circuit stays open',
  module: 'services/admission/circuit.ts',
  replace: [
    'return depth <= thresholds.recovery ? \'HALF_OPEN\' : \'OPEN\'',
    'return \'OPEN\''
  ],
  expects: 'circuit',
  faults: ['reach-circuit'],
  seconds: 9
} satisfies Sabotage
