import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the log shows characters that steer a terminal',
  module: 'services/terminal/printable.ts',
  replace: [
    'return json.replace(UNPRINTABLE, (found) => found === \'\\n\' ? found : escaped(found))',
    'return json'
  ],
  attack: 'injection',
  expects: 'output'
} satisfies Sabotage
