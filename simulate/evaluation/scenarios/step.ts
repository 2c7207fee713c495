import type { Scenario } from '../scenario.ts'

const step: Scenario = {
  title: 'step',
  flags: ['--pattern', 'step', '--rate', '25', '--seconds', '1200']
}

export default step
