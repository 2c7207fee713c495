import type { Question } from '../question.ts'

const SLOWER = ['--capacity-change', '5']

/** The rule of adoption, as docs/SIMULATOR.md has it, over all its scenarios. */
const adoption: Question = {
  title: 'Adoption',
  scenarios: ['twitter', 'world-cup', 'azure', 'constant', 'ramp', 'sawtooth', 'square', 'step', 'flash-crowd'],
  variants: {
    steady: [],
    slower: SLOWER,
    // One in the part of a trace that is tuned on, and one in the part that is judged.
    stall: ['--stalls', '500:60,3600:60'],
    none: [...SLOWER, '--clients', 'none'],
    immediate: [...SLOWER, '--clients', 'immediate'],
    backoff: [...SLOWER, '--clients', 'backoff'],
    exact: [...SLOWER, '--clients', 'exact']
  },
  contestants: ['static', 'adaptive', 'smooth', 'adaptive-smooth'].map((subject) => ({ subject })),
  seeds: 20,
  tune: 10,
  columns: ['worth', 'worthGain', 'criticalLost'],
  isAdoption: true
}

export default adoption
