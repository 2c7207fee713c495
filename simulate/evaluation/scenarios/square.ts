import type { Scenario } from '../scenario.ts'

const square: Scenario = {
  title: 'square',
  flags: ['--pattern', 'square', '--rate', '15', '--seconds', '900']
}

export default square
