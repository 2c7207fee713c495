import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an error is not a problem document',
  module: 'plugins/problem-details.ts',
  replace: [
    '.type(PROBLEM_CONTENT_TYPE)',
    '.type(\'text/plain\')'
  ],
  attack: 'http-shapes',
  expects: 'problem'
} satisfies Sabotage
