import type { Scenario } from '../scenario.ts'

const ramp: Scenario = {
  title: 'ramp',
  flags: ['--pattern', 'ramp', '--rate', '25', '--seconds', '1200']
}

export default ramp
