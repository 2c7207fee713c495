import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'each problem keeps a megabyte of memory',
  module: 'plugins/problem-details.ts',
  replace: [
    'return this.code(problem.status)',
    '(globalThis.kept ??= []).push(Buffer.alloc(1_500_000, 1))\n    return this.code(problem.status)'
  ],
  attack: 'operator-access',
  expects: 'memory'
} satisfies Sabotage
