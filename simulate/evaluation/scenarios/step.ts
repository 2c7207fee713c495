import type { Scenario } from '../scenario.ts'

const step: Scenario = {
  title: 'step',
  flags: ['--pattern', 'step', '--rate', '15', '--seconds', '900']
}

export default step
