import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the refusal of a wrong priority costs CPU time',
  module: 'services/problem/problem.ts',
  replace: [
    'return { type, title',
    'if (String(members.detail).includes("priority")) for (let index = 0; index < 500_000_000; index++);\n' +
      '  return { type, title'
  ],
  attack: 'hostile-values',
  expects: 'cpu'
} satisfies Sabotage
