import type { Scenario } from '../scenario.ts'

const ramp: Scenario = {
  title: 'ramp',
  flags: ['--pattern', 'ramp', '--rate', '15', '--seconds', '900']
}

export default ramp
