import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a file of the spool is promised before it is on the disk',
  module: 'services/spool/spool-folder.ts',
  replace: [
    'await file.sync()',
    'await file.stat()'
  ],
  expects: 'lost',
  faults: ['cut-power-while-spooling'],
  seconds: 15
} satisfies Sabotage
