import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'no checksum of a file of the spool is compared',
  module: 'services/spool/spool-file.ts',
  replace: [
    '!firstLine(rest).equals(file.subarray(0, start))',
    'firstLine(rest).length === 0'
  ],
  expects: 'damage',
  faults: ['flip-spool-file'],
  seconds: 12
} satisfies Sabotage
