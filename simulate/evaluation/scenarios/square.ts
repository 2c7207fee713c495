import type { Scenario } from '../scenario.ts'

const square: Scenario = {
  title: 'square',
  flags: ['--pattern', 'square', '--rate', '25', '--seconds', '1200']
}

export default square
